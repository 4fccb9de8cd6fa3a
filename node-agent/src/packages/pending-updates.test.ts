import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseUpdatesAvailable } from './pending-updates.ts';

const path = '../../test/fixtures/root-ubuntu-24.04/var/lib/update-notifier/updates-available';
const ubuntu = readFileSync(new URL(path, import.meta.url), 'utf8');

test.each<[string, ReturnType<typeof parseUpdatesAvailable>]>([
  // What a subscription would bring besides is not waiting on this host.
  [ubuntu, { updates: 15, securityUpdates: 9 }],
  ['\n15 packages can be updated.\n9 updates are security updates.\n', { updates: 15, securityUpdates: 9 }],
  ['1 update can be applied immediately.\n', { updates: 1, securityUpdates: 0 }],
  [
    '1 update can be applied immediately.\n1 of these updates is a standard security update.',
    { updates: 1, securityUpdates: 1 },
  ],
  ['0 updates can be applied immediately.\n', { updates: 0, securityUpdates: 0 }],
  ['15 Aktualisierungen können sofort angewendet werden.\n', null],
  ['', null],
])('%j', (text, count) => {
  expect(parseUpdatesAvailable(text)).toEqual(count);
});

test('takes any text without throwing', () => {
  fc.assert(
    fc.property(fc.nat(ubuntu.length), fc.string({ unit: 'binary', maxLength: 30 }), (at, text) => {
      const count = parseUpdatesAvailable(ubuntu.slice(0, at) + text + ubuntu.slice(at));
      if (count !== null) expect(Number.isSafeInteger(count.updates)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
