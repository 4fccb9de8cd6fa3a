import { briefText } from '../../brief-text.ts';
import { ToolError } from '../../errors.ts';

/** A part of an answer that may fail without the rest. */
export type Part<T> = { value: T } | { failure: ToolError };

/** Waits for a part. Only upstreams may fail: anything else is a bug and is thrown, as is all after the call was given up. */
export async function separately<T>(work: Promise<T>, signal: AbortSignal): Promise<Part<T>> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof ToolError) || signal.aborted) throw error;
    return { failure: error };
  }
}

/** The value of a part, null where it failed. */
export function orNull<T>(part: Part<T>): T | null {
  return 'value' in part ? part.value : null;
}

/** What is missing and why, as a note; none where the part is there. */
export function gapNote(what: string, part: Part<unknown>): string[] {
  return 'failure' in part ? [`${what} not known: ${briefText(part.failure.message, MAX_REASON)}`] : [];
}

const MAX_REASON = 200;
