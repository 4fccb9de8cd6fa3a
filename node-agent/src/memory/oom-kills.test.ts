import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { createHostRoot } from '../host-root.ts';
import { createOomKillReader, parseOomKills, podUidOf } from './oom-kills.ts';

const CGROUPS = '/sys/fs/cgroup';
const planted: string[] = [];

afterEach(() => {
  for (const directory of planted.splice(0)) rmSync(directory, { recursive: true });
});

async function killsOf(...args: Parameters<typeof fixtureHost>) {
  const files = createHostReader(fixtureHost(...args));
  return { ...(await createOomKillReader()(files)), missing: files.missing };
}

describe('createOomKillReader', () => {
  it('names the pods under the systemd driver, not their containers', async () => {
    expect(await killsOf('ubuntu-24.04')).toEqual({
      slices: [
        { path: 'system.slice', oomKills: 0 },
        { path: 'kubepods.slice', oomKills: 7 },
      ],
      cgroups: [
        {
          path: 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b1f7c52_4a5e_4f5e_9d0b_6c1d3a8e7f21.slice',
          podUid: '0b1f7c52-4a5e-4f5e-9d0b-6c1d3a8e7f21',
          oomKills: 6,
        },
        {
          path: 'kubepods.slice/kubepods-podc7a1d9e0_2b64_4c07_8e55_0f9a6b1c2d3e.slice',
          podUid: 'c7a1d9e0-2b64-4c07-8e55-0f9a6b1c2d3e',
          oomKills: 1,
        },
      ],
      missing: [],
    });
  });

  it('names the pods under the cgroupfs driver', async () => {
    const { slices, cgroups } = await killsOf('k3s');
    expect(slices).toEqual([{ path: 'kubepods', oomKills: 2 }]);
    expect(cgroups).toMatchObject([{ podUid: '2f9d0c4e-91b3-4d0a-b6a7-0d8c5e1f3a29', oomKills: 2 }]);
  });

  it('names a service below a slice of its own', async () => {
    expect((await killsOf('debian-12')).cgroups).toEqual([
      { path: 'system.slice/postgresql.slice/postgresql@15-main.service', podUid: null, oomKills: 1 },
    ]);
  });

  it.each(['kubeadm', 'no-systemd', 'rhel-9'])(
    'is null on %s, which has no cgroups v2 or does not count',
    async (name) => {
      expect(await killsOf(name)).toEqual({ slices: null, cgroups: null, missing: [] });
    },
  );

  it('opens nothing below a slice without kills', async () => {
    const quiet = { [`${CGROUPS}/kubepods.slice/memory.events`]: 'oom_kill 0' };
    const closed = { [`${CGROUPS}/kubepods.slice`]: new FactError('permission_denied', 'EACCES') };
    expect(await killsOf('ubuntu-24.04', { ...quiet, ...closed })).toMatchObject({ cgroups: [], missing: [] });
  });

  it('tells what it was kept from', async () => {
    const closed = { [`${CGROUPS}/kubepods.slice/memory.events`]: new FactError('permission_denied', 'EACCES') };
    const { slices, missing } = await killsOf('ubuntu-24.04', closed);
    expect(slices).toEqual([{ path: 'system.slice', oomKills: 0 }]);
    expect(missing).toMatchObject([{ what: `${CGROUPS}/kubepods.slice/memory.events`, reason: 'permission_denied' }]);
  });

  it('looks again only at those it found while the count of the slice stands, and forgets those that are gone', async () => {
    const read = createOomKillReader();
    const opened: string[] = [];
    const look = async (overrides: Parameters<typeof fixtureHost>[1]) => {
      const host = fixtureHost('ubuntu-24.04', overrides);
      opened.length = 0;
      const readText: typeof host.readText = async (path, options) => {
        opened.push(path);
        return host.readText(path, options);
      };
      return (await read(createHostReader({ ...host, readText }))).cgroups?.map(({ oomKills }) => oomKills);
    };
    const pod = `${CGROUPS}/kubepods.slice/kubepods-podc7a1d9e0_2b64_4c07_8e55_0f9a6b1c2d3e.slice/memory.events`;
    const busier = `${CGROUPS}/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b1f7c52_4a5e_4f5e_9d0b_6c1d3a8e7f21.slice/memory.events`;
    const total = `${CGROUPS}/kubepods.slice/memory.events`;
    expect(await look({})).toEqual([6, 1]);
    expect(opened).toHaveLength(8);
    expect(await look({})).toEqual([6, 1]);
    expect(opened).toHaveLength(5);
    expect(await look({ [pod]: null })).toEqual([6]);
    expect(await look({ [busier]: 'oom_kill 0' })).toEqual([]);
    expect(await look({ [pod]: 'oom_kill 2', [total]: 'oom_kill 8' })).toEqual([6, 2]);
  });

  it('shows ten, and says how many it did not look into', async () => {
    const root = mkdtempSync(join(tmpdir(), 'telemcp-oom-'));
    planted.push(root);
    const plant = (path: string, kills: number) => {
      mkdirSync(join(root, CGROUPS, path), { recursive: true });
      writeFileSync(join(root, CGROUPS, path, 'memory.events'), `oom ${kills}\noom_kill ${kills}\n`);
    };
    plant('system.slice', 999);
    writeFileSync(join(root, CGROUPS, 'cgroup.controllers'), 'memory\n');
    for (let index = 0; index < 300; index += 1) plant(`system.slice/s${index}.service`, index % 20);
    const files = createHostReader(createHostRoot(root, new AbortController().signal));
    const { cgroups } = await createOomKillReader()(files);
    expect(cgroups).toHaveLength(10);
    expect(cgroups?.every(({ oomKills }) => oomKills === 19)).toBe(true);
    expect(files.missing).toMatchObject([{ reason: 'too_many', detail: expect.stringContaining('50 more') }]);
  });
});

it.each([
  ['kubepods/burstable/pod2f9d0c4e-91b3-4d0a-b6a7-0d8c5e1f3a29', '2f9d0c4e-91b3-4d0a-b6a7-0d8c5e1f3a29'],
  ['kubepods.slice/kubepods-pod2f9d0c4e_91b3_4d0a_b6a7_0d8c5e1f3a29.slice', '2f9d0c4e-91b3-4d0a-b6a7-0d8c5e1f3a29'],
  ['kubepods.slice/kubepods-pod5f0c8e315f0c8e315f0c8e315f0c8e31.slice', '5f0c8e315f0c8e315f0c8e315f0c8e31'],
  ['kubepods.slice/kubepods-burstable.slice', null],
  ['system.slice/podman.service', null],
  ['', null],
])('%s is of pod %s', (path, uid) => {
  expect(podUidOf(path)).toBe(uid);
});

it('parseOomKills keeps out of trouble on 10,000 mutations of a real file', async () => {
  const text = await fixtureHost('ubuntu-24.04').readText(`${CGROUPS}/kubepods.slice/memory.events`);
  expect(parseOomKills(text)).toBe(7);
  expect(parseOomKills('oom 3\noom_group_kill 2')).toBeNull();
  fc.assert(
    fc.property(mutatedText(text), (mutated) => {
      const kills = parseOomKills(mutated);
      expect(kills === null || Number.isSafeInteger(kills)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
