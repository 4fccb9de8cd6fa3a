import { expect, it } from 'vitest';
import type { BusCall, SystemBus } from './bus.ts';
import { readProperty } from './bus-property.ts';

it('calls Get for the interface and the name, and never starts the service', async () => {
  const calls: BusCall[] = [];
  const bus: SystemBus = {
    call: async (call) => {
      calls.push(call);
      return ['kvm'];
    },
    state: () => ({ status: 'connected' }),
    close: () => undefined,
  };
  const manager = { destination: 'org.x', path: '/org/x', interface: 'org.x.Manager' };
  expect(await readProperty(bus, manager, 'Virtualization', new AbortController().signal)).toBe('kvm');
  expect(calls).toEqual([
    {
      destination: 'org.x',
      path: '/org/x',
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: ['org.x.Manager', 'Virtualization'],
      autoStart: false,
    },
  ]);
});
