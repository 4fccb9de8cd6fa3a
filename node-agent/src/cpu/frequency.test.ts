import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { createDriverReader } from '../driver-reader.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { parseFrequencies, readFrequency, spread } from './frequency.ts';

async function frequencyOf(...args: Parameters<typeof fixtureHost>) {
  const host = fixtureHost(...args);
  const files = createHostReader(host);
  return { found: await readFrequency(files, createDriverReader(host, files.missing)), missing: files.missing };
}

describe('readFrequency', () => {
  it('takes the mean of four processors spread over the host, and tells that they are held down', async () => {
    // policy0, 2, 4 and 6 of 8: 1.5, 1.7, 1.9 and 2.1 GHz.
    expect((await frequencyOf('rhel-9')).found).toEqual({
      currentMhz: 1800,
      maxMhz: 3400,
      limitMhz: 1800,
      governor: 'powersave',
    });
  });

  it('takes what cpuinfo says in a virtual machine', async () => {
    expect((await frequencyOf('debian-12')).found).toEqual({
      currentMhz: 2500,
      maxMhz: null,
      limitMhz: null,
      governor: null,
    });
  });

  it('is null on arm64 without a driver', async () => {
    expect((await frequencyOf('k3s')).found).toBeNull();
  });

  it('does without a processor that is asleep, and names what it may not read', async () => {
    const place = '/sys/devices/system/cpu/cpufreq/policy0';
    const { found, missing } = await frequencyOf('rhel-9', {
      [`${place}/scaling_cur_freq`]: new FactError('read_error', 'EBUSY'),
      [`${place}/cpuinfo_max_freq`]: '<unknown>',
      [`${place}/scaling_governor`]: new FactError('permission_denied', 'EACCES'),
    });
    expect(found).toEqual({ currentMhz: 1900, maxMhz: 3400, limitMhz: 1800, governor: null });
    expect(missing).toMatchObject([{ what: `${place}/scaling_governor`, reason: 'permission_denied' }]);
  });
});

it('parseFrequencies reads x86, POWER and s390x', () => {
  expect(parseFrequencies('cpu MHz\t\t: 2596.142\nclock\t\t: 2250.000000MHz\ncpu MHz dynamic : 5200\n')).toEqual([
    2596.142, 2250, 5200,
  ]);
  expect(parseFrequencies('cpu MHz : 0.000\ncpu MHz : fast\n')).toEqual([]);
});

it('parseFrequencies keeps out of trouble on 10,000 mutations of a real file', async () => {
  const text = (await fixtureHost('debian-12').readText('/proc/cpuinfo')).slice(0, 1500);
  fc.assert(
    fc.property(mutatedText(text), (mutated) => {
      for (const mhz of parseFrequencies(mutated)) expect(mhz > 0 && mhz < 1e6).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});

it('spread takes the first and keeps even distances', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 3, 5, 8]);
  expect(spread([0, 1], 4)).toEqual([0, 1]);
});
