import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../test/fixture-host.ts';
import { mutatedText } from '../test/mutated-text.ts';
import { FactError } from './fact-error.ts';
import { createHostReader } from './host-reader.ts';
import { parsePressure, readPressure } from './pressure.ts';

const text = await fixtureHost('ubuntu-24.04').readText('/proc/pressure/memory');

async function read(...args: Parameters<typeof fixtureHost>) {
  const host = fixtureHost(...args);
  const files = createHostReader(host);
  return { ...(await readPressure(host, files, 'memory')), missing: files.missing };
}

describe('parsePressure', () => {
  it('gives shares of time and seconds', () => {
    expect(parsePressure(text)).toEqual({
      some: { avg10Ratio: 0.314, avg60Ratio: 0.2801, avg300Ratio: 0.1273, totalSeconds: 121.1 },
      full: { avg10Ratio: 0.1202, avg60Ratio: 0.0931, avg300Ratio: 0.0408, totalSeconds: 80.34 },
    });
  });

  it('leaves null what an older kernel does not measure for processors', async () => {
    const cpu = await fixtureHost('k3s').readText('/proc/pressure/cpu');
    expect(parsePressure(cpu)).toMatchObject({ some: { avg60Ratio: 0.001 }, full: null });
  });

  it('keeps within 0 and 1 on 10,000 mutations of a real file', () => {
    fc.assert(
      fc.property(mutatedText(text), (mutated) => {
        for (const share of Object.values(parsePressure(mutated) ?? {}))
          for (const [name, value] of Object.entries(share ?? {}))
            expect(value >= 0 && (value <= 1 || name === 'totalSeconds')).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('readPressure', () => {
  const PATH = '/proc/pressure/memory';

  it.each([
    ['absent', null],
    ['off', new FactError('unsupported', `${PATH}: EOPNOTSUPP`)],
  ] as const)('%s is no gap', async (state, stands) => {
    expect(await read('ubuntu-24.04', { [PATH]: stands })).toEqual({ state, pressure: null, missing: [] });
  });

  it.each([
    ['permission_denied', new FactError('permission_denied', 'EACCES')],
    ['parse_error', 'no pressure at all'],
  ] as const)('%s is one', async (reason, stands) => {
    const found = await read('ubuntu-24.04', { [PATH]: stands });
    expect(found).toMatchObject({ state: 'unreadable', pressure: null, missing: [{ what: PATH, reason }] });
  });
});
