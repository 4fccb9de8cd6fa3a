import { withDeadline } from '../deadline.ts';
import { ToolError } from '../errors.ts';

/**
 * Asks something that an answer can do without: null where an upstream fails or `ms` milliseconds are over. A bug is thrown, and
 * the error of a call that has ended itself.
 */
export async function aside<T>(
  ms: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const late = () => new ToolError('timeout', `nothing after ${ms} ms`);
  try {
    return await withDeadline({ ms, signal, late }, ask);
  } catch (error) {
    if (error instanceof ToolError && !signal.aborted) return null;
    throw error;
  }
}
