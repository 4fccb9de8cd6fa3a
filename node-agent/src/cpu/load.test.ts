import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { parseLoad } from './load.ts';

const text = await fixtureHost('rhel-9').readText('/proc/loadavg');

it('is told of the host and for each processor', () => {
  expect(parseLoad(text, 8)).toEqual({
    one: 17.9,
    five: 16.31,
    fifteen: 15.87,
    onePerCpu: 2.24,
    fivePerCpu: 2.04,
    fifteenPerCpu: 1.98,
  });
  expect(parseLoad(text, null)).toMatchObject({ one: 17.9, onePerCpu: null });
});

it.each(['', '1 2 3', '-1.00 0.00 0.00 1/2 3', '0.10 0.20'])('%j is no load', (broken) => {
  expect(parseLoad(broken, 2)).toBeNull();
});

it('keeps out of trouble on 10,000 mutations of a real file', () => {
  fc.assert(
    fc.property(mutatedText(text), (mutated) => {
      const load = parseLoad(mutated, 2);
      expect(Object.values(load ?? {}).every((value) => value !== null && value >= 0)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
