import type { CachedLook } from './cached-look.ts';

/** Entries kept before those that have gone stale are thrown out. */
const SWEEP_ABOVE = 64;

/** The look kept under `key`, or a new one. Those that nobody has asked for since are forgotten. */
export function keptLook<T>(
  looks: Map<string, CachedLook<T>>,
  key: string,
  create: () => CachedLook<T>,
): CachedLook<T> {
  const known = looks.get(key);
  if (known !== undefined) return known;
  if (looks.size > SWEEP_ABOVE) {
    for (const [stale, look] of looks) if (look.isStale()) looks.delete(stale);
  }
  const created = create();
  looks.set(key, created);
  return created;
}
