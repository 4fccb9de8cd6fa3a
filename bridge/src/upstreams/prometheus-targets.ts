import * as z from 'zod';
import { GoTime } from './go-time.ts';
import { LabelSet } from './label-set.ts';
import type { Labels } from './prometheus-result.ts';

/** Something Prometheus scrapes. */
export interface Target {
  scrapePool: string;
  scrapeUrl: string;
  labels: Labels;
  /** `up`, `down` or `unknown` (not scraped yet); what else a server says, as it is. */
  health: string;
  /** Why the last scrape failed; null when it did not. */
  lastError: string | null;
  lastScrape: Date | null;
}

/** What is scraped, and how much was found but left out by relabelling. */
export interface Targets {
  active: readonly Target[];
  /** Targets dropped by relabelling, by scrape pool; null where the server does not count them. */
  droppedByPool: Readonly<Record<string, number>> | null;
}

const TargetsData = z.object({
  activeTargets: z
    .array(
      z
        .object({
          scrapePool: z.string().default(''),
          scrapeUrl: z.string(),
          labels: LabelSet,
          health: z.string().default('unknown'),
          lastError: z.string().nullish(),
          lastScrape: GoTime,
        })
        .transform((target): Target => ({ ...target, lastError: target.lastError || null })),
    )
    .nullish(),
  droppedTargetCounts: z.record(z.string(), z.number()).nullish(),
});

/**
 * Reads the `data` of `/api/v1/targets` (https://prometheus.io/docs/prometheus/latest/querying/api/#targets); null when it is
 * something else. By pool and address.
 */
export function parseTargets(data: unknown): Targets | null {
  const read = TargetsData.safeParse(data).data;
  if (read === undefined) return null;
  const key = (target: Target) => `${target.scrapePool} ${target.scrapeUrl}`;
  const active = (read.activeTargets ?? []).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return { active, droppedByPool: read.droppedTargetCounts ?? null };
}
