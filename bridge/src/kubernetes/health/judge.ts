import type { JsonObject } from '../json.ts';

/** How an object is, as far as the API says. */
export interface Health {
  /** What it is counted under, in the words of Kubernetes: `Running`, `CrashLoopBackOff`, `NotReady`. */
  state: string;
  /** 0 is healthy, up to `NOTE` is worth a word, above is unhealthy; the higher the worse. */
  severity: number;
  /** What is wrong, short enough for a cell; empty where `state` says it all. */
  why: string;
  /** Since when, in milliseconds of the Unix epoch; null where the API does not say. */
  since: number | null;
}

/** Judges one object of a kind. Never throws: what is missing or of another type counts as not said. */
export type Judge = (object: JsonObject, now: Date) => Health;

/** The highest severity of what is no trouble yet. */
export const NOTE = 20;

/** How bad, from trouble that may pass to what is surely broken. */
export const SEVERITY = { note: 10, waiting: 30, degraded: 50, failing: 70, broken: 90 } as const;

/** Whether something is to be shown as trouble. */
export function isUnhealthy({ severity }: Health): boolean {
  return severity > NOTE;
}

/** Nothing is wrong. */
export function healthy(state: string): Health {
  return { state, severity: 0, why: '', since: null };
}

/** The worst of what was found, the first where several are as bad; `otherwise` when nothing was. */
export function worstOf(found: readonly (Health | null)[], otherwise: Health): Health {
  let worst: Health | null = null;
  for (const each of found) if (each !== null && each.severity > (worst?.severity ?? 0)) worst = each;
  return worst ?? otherwise;
}

/** Milliseconds of the epoch of an RFC 3339 time, null for none or no time at all. */
export function timeOf(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
