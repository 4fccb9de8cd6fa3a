import type { SystemBus } from './bus.ts';

/** An object on the bus, seen through one of its interfaces. */
export interface BusObject {
  destination: string;
  path: string;
  interface: string;
}

/**
 * One property of an object, unwrapped. Never starts a service that is not running.
 * @throws {FactError} as `SystemBus` says; `not_found` when nobody owns the name
 */
export async function readProperty(bus: SystemBus, object: BusObject, name: string, signal: AbortSignal) {
  const [value] = await bus.call(
    {
      destination: object.destination,
      path: object.path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: [object.interface, name],
      autoStart: false,
    },
    signal,
  );
  return value;
}
