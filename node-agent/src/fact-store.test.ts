import { FactsAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { expect, test } from 'vitest';
import { fakeCollector, SAMPLE_FACTS, STORE_OPTIONS, sampleCollectors } from '../test/sample-facts.ts';
import { FactError } from './fact-error.ts';
import { createFactStore } from './fact-store.ts';

test('all families at once make the body of the contract', async () => {
  const store = createFactStore({ ...STORE_OPTIONS, collectors: sampleCollectors() });
  const families = await store.getAll(store.families);
  const speaker = { node: 'n', agentVersion: '1', answeredAt: new Date().toISOString() };
  expect(FactsAnswer.parse({ ...speaker, families }).families.os?.data).toEqual(SAMPLE_FACTS.os);
  expect(Object.keys(families)).toEqual(FAMILY_NAMES);
});

test('a family that is switched off is not collected, and says how to switch it on', async () => {
  let looks = 0;
  const collect = async () => {
    looks += 1;
    return { data: SAMPLE_FACTS.time, source: 'test' };
  };
  const store = createFactStore({
    ...STORE_OPTIONS,
    collectors: [fakeCollector('time', SAMPLE_FACTS.time, { collect })],
    disabled: ['time'],
  });
  const envelope = await store.get('time');
  expect(envelope).toMatchObject({ status: 'disabled', reason: 'not_configured', data: null });
  expect(envelope.hint).toContain('TELEMCP_AGENT_FAMILIES');
  expect(looks).toBe(0);
  expect(store.states()).toEqual([{ family: 'time', status: 'disabled', durationMs: null, collectedAt: null }]);
});

test('one family that fails costs the others nothing, and the states tell them apart', async () => {
  const failing = async () => {
    throw new FactError('apparmor_denied', 'no');
  };
  const store = createFactStore({
    ...STORE_OPTIONS,
    collectors: [
      fakeCollector('systemd', SAMPLE_FACTS.systemd, { collect: failing }),
      fakeCollector('os', SAMPLE_FACTS.os),
      fakeCollector('time', SAMPLE_FACTS.time),
    ],
  });
  const { systemd, os } = await store.getAll(['systemd', 'os', 'os']);
  expect([systemd?.status, os?.status]).toEqual(['unavailable', 'ok']);
  expect(store.states().map(({ family, status }) => [family, status])).toEqual([
    ['systemd', 'unavailable'],
    ['os', 'ok'],
    ['time', 'not_collected'],
  ]);
});

test('a collector gets a view of the host that ends with its own time', async () => {
  const signals: AbortSignal[] = [];
  const store = createFactStore({
    ...STORE_OPTIONS,
    openHost: (signal) => {
      signals.push(signal);
      return STORE_OPTIONS.openHost(signal);
    },
    collectors: [
      fakeCollector('os', SAMPLE_FACTS.os, {
        timeoutMs: 10,
        collect: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new FactError('timeout', 'ended by the signal')));
          }),
      }),
    ],
  });
  expect((await store.get('os')).reason).toBe('timeout');
  expect(signals.map((signal) => signal.aborted)).toEqual([true]);
});
