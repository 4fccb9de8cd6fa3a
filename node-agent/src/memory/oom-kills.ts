import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';

type OomKills = Pick<MemoryFacts['oomKills'], 'slices' | 'cgroups'>;

const CGROUPS = '/sys/fs/cgroup';
/** systemd's services; Kubernetes' pods under the systemd driver, and under the cgroupfs driver. */
const SLICES = ['system.slice', 'kubepods.slice', 'kubepods'];
/** Cgroups opened in one collection: a host with kills in many pods is not worth more time. */
const MAX_READ = 250;
const MAX_SHOWN = 10;

/**
 * Who had programs killed, by `memory.events` of cgroups v2 (kernel documentation, admin-guide/cgroup-v2). A cgroup's count has
 * those below it in it, so only branches that had any are followed: down to a service, and to a pod, not into it, since a
 * container's cgroup ends with the container. A reader remembers whom it found.
 */
export function createOomKillReader(): (files: HostReader) => Promise<OomKills> {
  let last: { key: string; paths: readonly string[] } | null = null;
  return async (files) => {
    if (!(await files.exists(`${CGROUPS}/cgroup.controllers`))) return { slices: null, cgroups: null };
    const slices = await countsOf(files, SLICES);
    // Without systemd and Kubernetes, or without the memory controller, nobody counts.
    if (slices.length === 0) return { slices: null, cgroups: null };
    const key = JSON.stringify(slices);
    // As long as a slice's count stands, nobody else below it had a kill: a walk over hundreds of pods would find the same.
    const known = last?.key === key ? withKills(await countsOf(files, last.paths)) : null;
    const { killers, isWhole } = known === null ? await follow(slices, files) : { killers: known, isWhole: true };
    last = isWhole ? { key, paths: killers.map(({ path }) => path) } : null;
    const worst = killers.sort((a, b) => b.oomKills - a.oomKills || (a.path < b.path ? -1 : 1)).slice(0, MAX_SHOWN);
    return {
      slices,
      cgroups: worst.map(({ path, oomKills }) => ({ path: plainText(path), podUid: podUidOf(path), oomKills })),
    };
  };
}

/** Services and pods that had kills. Not whole when there are too many to open, or some could not be: that is in `missing`. */
async function follow(
  slices: readonly Counted[],
  files: HostReader,
): Promise<{ killers: Counted[]; isWhole: boolean }> {
  const gapsBefore = files.missing.length;
  const killers: Counted[] = [];
  let left = MAX_READ;
  let pending = withKills(slices);
  while (pending.length > 0) {
    const below: string[] = [];
    for (const { path } of pending)
      for (const entry of (await files.entries(`${CGROUPS}/${path}`)) ?? [])
        if (entry.isDirectory()) below.push(`${path}/${entry.name}`);
    if (below.length > left) {
      const detail = `looked into ${MAX_READ} cgroups; ${below.length - left} more were left out`;
      files.missing.push({ what: `${CGROUPS}/${pending[0]?.path}`, reason: 'too_many', detail });
    }
    const counted = withKills(await countsOf(files, below.slice(0, left)));
    left = Math.max(0, left - below.length);
    killers.push(...counted.filter(({ path }) => isEnd(path)));
    pending = counted.filter(({ path }) => !isEnd(path));
  }
  return { killers, isWhole: files.missing.length === gapsBefore };
}

interface Counted {
  path: string;
  oomKills: number;
}

/** A service that was restarted begins at zero again. */
function withKills(counted: readonly Counted[]): Counted[] {
  return counted.filter(({ oomKills }) => oomKills > 0);
}

/** The `oom_kill` line of memory.events; null without one, as in the root cgroup and before Linux 4.13. */
export function parseOomKills(memoryEvents: string): number | null {
  const found = /^oom_kill (\d{1,15})$/m.exec(memoryEvents)?.[1];
  return found === undefined ? null : Number(found);
}

/** The uid of the pod whose cgroup this is, `…-pod0b1f7c52_4a5e_….slice` or `…/pod0b1f7c52-4a5e-…`; null for any other. */
export function podUidOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // A static pod's uid is a hash without hyphens.
  const uid = /(?:^|-)pod([0-9a-f]{8}[0-9a-f_-]{24,28})(?:\.slice)?$/.exec(name)?.[1];
  return uid === undefined ? null : uid.replaceAll('_', '-');
}

async function countsOf(files: HostReader, paths: readonly string[]): Promise<Counted[]> {
  const counts = await Promise.all(
    paths.map(async (path) => {
      const oomKills = parseOomKills((await files.text(`${CGROUPS}/${path}/memory.events`)) ?? '');
      return oomKills === null ? [] : [{ path, oomKills }];
    }),
  );
  return counts.flat();
}

/** Whether to look no deeper: a service, or a pod. Slices, and the cgroupfs driver's classes of pods, hold others. */
function isEnd(path: string): boolean {
  if (podUidOf(path) !== null) return true;
  return !path.endsWith('.slice') && !/^kubepods(\/[a-z]+)?$/.test(path);
}
