import type { SystemBus } from '../src/dbus/bus.ts';
import { FactError } from '../src/fact-error.ts';

/** Answers by `Member` or, for properties, by the property's name. `silence` never answers and does not hear the signal. */
export type Script = Readonly<Record<string, unknown>>;

export const silence = Symbol('silence');

/** A bus that knows what the script says, and nobody else: as if no other service were running. */
export function scriptedBus(
  script: Script,
): SystemBus & { asked: { member: string; autoStart: boolean | undefined }[] } {
  const asked: { member: string; autoStart: boolean | undefined }[] = [];
  return {
    asked,
    state: () => ({ status: 'connected' }),
    close: () => undefined,
    call: async ({ member, body, autoStart, destination }) => {
      asked.push({ member, autoStart });
      const answer = script[member === 'Get' ? String(body?.[1]) : member];
      if (answer === undefined) throw new FactError('not_found', `${destination}: NameHasNoOwner`);
      if (answer === silence) return new Promise<never>(() => undefined);
      if (answer instanceof FactError) throw answer;
      return [answer];
    },
  };
}

/** A bus that fails every call alike, at once or never. */
export function brokenBus(failure: FactError | typeof silence): SystemBus {
  return {
    state: () => ({ status: 'waiting', retryAt: new Date(0), lastError: 'broken' }),
    close: () => undefined,
    call: () => (failure === silence ? new Promise<never>(() => undefined) : Promise.reject(failure)),
  };
}
