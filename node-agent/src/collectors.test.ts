import { readdirSync, readFileSync } from 'node:fs';
import { familyAnswerOf } from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { expect, test } from 'vitest';
import { STORE_OPTIONS, silentBus } from '../test/sample-facts.ts';
import { collectors } from './collectors.ts';
import { FactError } from './fact-error.ts';
import { createFactStore } from './fact-store.ts';
import { createHostRoot } from './host-root.ts';

const folder = new URL('collectors/', import.meta.url);

test('families of the contract, files, tests and the registry are the same set', () => {
  expect(collectors.map(({ family }) => family)).toEqual(FAMILY_NAMES);
  const files = readdirSync(folder);
  for (const family of FAMILY_NAMES) {
    expect(files).toContain(`${family}.ts`);
    expect(files).toContain(`${family}.test.ts`);
    expect(readFileSync(new URL(`${family}.ts`, folder), 'utf8')).toContain(
      `export const ${family} = defineCollector(`,
    );
  }
});

test.each(collectors)('$family says what it reads and has a deadline', (collector) => {
  expect(collector.help).toMatch(/^[A-Z].{20,160}\.$/);
  expect(collector.hostPaths.filter((path) => !path.startsWith('/'))).toEqual([]);
  expect(collector.hostPaths.length + collector.busNames.length).toBeGreaterThan(0);
  expect(collector.timeoutMs).toBeGreaterThan(0);
  expect(collector.timeoutMs).toBeLessThanOrEqual(10_000);
  expect(collector.ttlMs).toBeGreaterThanOrEqual(1000);
});

// The agent does not check its answers while it runs (cached-look.ts says why): this is where they are checked.
test.each(['/', '/nonexistent'])('over %s, without a bus, every family answers by the contract', async (prefix) => {
  const bus = { ...silentBus, call: () => Promise.reject(new FactError('unreachable', 'no bus here')) };
  const openHost = (signal: AbortSignal) => createHostRoot(prefix, signal);
  const store = createFactStore({ ...STORE_OPTIONS, collectors, bus, openHost });
  for (const family of FAMILY_NAMES) {
    const envelope = await store.get(family);
    const answer = { node: 'n', agentVersion: '1', answeredAt: new Date().toISOString(), family, ...envelope };
    expect(familyAnswerOf(family).parse(answer)).toEqual(answer);
    if (envelope.status !== 'ok') expect(envelope.reason).not.toBe(null);
  }
});
