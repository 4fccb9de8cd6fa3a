import { randomUUID } from 'node:crypto';

/** What a logger must be able to do here; pino's is one. */
export interface ErrorLog {
  error(fields: Record<string, unknown>, message: string): void;
}

/** Records a bug and returns the id under which the log holds its details; only the id is ever shown to a caller. */
export type BugLog = (where: string, error: unknown) => string;

/** `count` is told of every bug, for the metrics. */
export function createBugLog(log: ErrorLog, count: () => void): BugLog {
  return (where, error) => {
    const bugId = randomUUID().slice(0, 8);
    count();
    log.error({ bugId, where, err: error }, 'bug in the agent');
    return bugId;
  };
}
