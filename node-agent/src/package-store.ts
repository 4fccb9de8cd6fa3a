import type { Envelope } from '@telemcp/shared/envelope';
import type { PackageList } from '@telemcp/shared/facts/packages';
import type { PackagesQuery } from '@telemcp/shared/routes';
import type { CachedLook } from './cached-look.ts';
import { createCachedLook } from './cached-look.ts';
import type { HostRoot } from './host-root.ts';
import { keptLook } from './kept-looks.ts';
import { findPackages } from './packages/find-packages.ts';
import type { OnBug } from './run-collector.ts';

/** Installed packages by question, each kept for a moment: the same question asked by many costs the host one look. */
export interface PackageStore {
  list(query: PackagesQuery): Promise<Envelope<PackageList>>;
}

const TIMEOUT_MS = 3000;
const TTL_MS = 1000;

/** @param options.openHost a view of the host's files that ends with the signal */
export function createPackageStore(options: {
  openHost(signal: AbortSignal): HostRoot;
  onBug: OnBug;
  now?: () => number;
}): PackageStore {
  const { openHost, onBug, now } = options;
  const looks = new Map<string, CachedLook<PackageList>>();
  return {
    list: (query) =>
      keptLook(looks, JSON.stringify(query), () =>
        createCachedLook({
          name: 'packages',
          timeoutMs: TIMEOUT_MS,
          ttlMs: TTL_MS,
          onBug,
          now,
          look: async (signal) => {
            const { packages, ...rest } = await findPackages(openHost(signal), query);
            return { data: { packages }, ...rest };
          },
        }),
      ).get(),
  };
}
