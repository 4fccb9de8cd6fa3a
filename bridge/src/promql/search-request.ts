import type { Answer } from '../answer.ts';
import type { Prometheus } from '../upstreams/prometheus.ts';
import type { Selector } from './expression-outline.ts';

/** What a search asks, and of when. */
export interface SearchRequest {
  prometheus: Prometheus;
  signal: AbortSignal;
  /** Seconds since the epoch. */
  time: number;
}

/** What a search found. */
export type SearchAnswer = Required<Pick<Answer, 'title' | 'summary' | 'tables' | 'notes' | 'next'>>;

/** The series that a search is about, where that is not all of them. */
export interface SearchScope {
  /** The selector as it was written, for expressions: a mistake in it is for Prometheus to explain. */
  text: string;
  /** The same without a shift in time, which interfaces that list labels do not take. */
  match: string;
  selector: Selector;
}

/** How far back names and labels are looked for, seconds; what has no series now is still found. */
const SEARCHED_SECONDS = 86_400;

/** The longest that figures may take which an answer can do without, milliseconds. */
export const FIGURES_MS = 4000;

/** The stretch of time that is searched. */
export function searchedTime({ time }: SearchRequest): { start: number; end: number } {
  return { start: time - SEARCHED_SECONDS, end: time };
}

/** A regular expression that matches these texts and nothing else, as it stands between double quotes in a selector. */
export function oneOf(texts: readonly string[]): string {
  const pattern = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|');
  return JSON.stringify(pattern);
}
