import { showAge } from '../../format-time.ts';
import { isTrueAt, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import { conditionsOf, deletionHealth, showCondition } from './conditions.ts';
import { type Health, healthy, type Judge, SEVERITY, timeOf, worstOf } from './judge.ts';

/** A Job: failed for good is worst, then pods that fail while it still tries. */
export const judgeJob: Judge = (job, now) => {
  const conditions = conditionsOf(job);
  const is = (type: string) => conditions.find((condition) => condition.type === type && condition.status === 'True');
  const failed = is('Failed') ?? is('FailureTarget');
  const failures = numberAt(job, 'status', 'failed') ?? 0;
  const active = numberAt(job, 'status', 'active') ?? 0;
  const suspended = is('Suspended');
  const isSuspended = suspended !== undefined || isTrueAt(job, 'spec', 'suspend');
  if (failed !== undefined) {
    const ago = failed.since === null ? '' : ` ${showAge((now.getTime() - failed.since) / 1000)} ago`;
    return { state: 'Failed', severity: SEVERITY.failing, why: `${showCondition(failed)}${ago}`, since: failed.since };
  }
  if (is('Complete') !== undefined || is('SuccessCriteriaMet') !== undefined) return healthy('Complete');
  const tries = failures === 1 ? 'one pod failed' : `${failures} pods failed`;
  return worstOf(
    [
      deletionHealth(job, now),
      failures > 0
        ? { state: 'Failing', severity: SEVERITY.degraded, why: `${tries}, still tries`, since: null }
        : null,
      isSuspended
        ? { state: 'Suspended', severity: SEVERITY.note, why: 'suspended', since: suspended?.since ?? null }
        : null,
      !isSuspended && failures === 0 && active === 0 ? withoutPods(job, now) : null,
    ],
    healthy(active > 0 ? 'Running' : 'Waiting'),
  );
};

/** The job controller makes pods at once unless something keeps it from that, such as a quota; its events say what. */
const MAKING_MS = 2 * 60_000;

function withoutPods(job: JsonObject, now: Date): Health | null {
  const created = timeOf(textAt(job, 'metadata', 'creationTimestamp'));
  const had = ['succeeded', 'terminating'].some((count) => (numberAt(job, 'status', count) ?? 0) > 0);
  const manager = textAt(job, 'spec', 'managedBy') ?? JOB_CONTROLLER;
  if (created === null || had || manager !== JOB_CONTROLLER || now.getTime() - created < MAKING_MS) return null;
  return { state: 'Waiting', severity: SEVERITY.waiting, why: 'no pod was made', since: created };
}

const JOB_CONTROLLER = 'kubernetes.io/job-controller';

/** A CronJob: missed runs are trouble, a suspension is worth a word. */
export const judgeCronJob: Judge = (cronJob, now) => {
  const suspended = isTrueAt(cronJob, 'spec', 'suspend');
  const last = timeOf(textAt(cronJob, 'status', 'lastScheduleTime'));
  const since = last ?? timeOf(textAt(cronJob, 'metadata', 'creationTimestamp'));
  const period = longestGapSeconds(textAt(cronJob, 'spec', 'schedule') ?? '');
  const waited = since === null ? 0 : (now.getTime() - since) / 1000;
  const running = listAt(cronJob, 'status', 'active').length;
  const never = last === null ? 'never ran' : `last run ${showAge(waited)} ago`;
  const missed: Health | null =
    suspended || period === null || waited < 2 * period + 120
      ? null
      : { state: 'Missed', severity: SEVERITY.degraded, why: `${never}, schedule is missed`, since };
  return worstOf(
    [
      deletionHealth(cronJob, now),
      missed,
      suspended ? { state: 'Suspended', severity: SEVERITY.note, why: 'suspended', since: null } : null,
    ],
    healthy(running > 0 ? 'Active' : 'Scheduled'),
  );
};

const HOUR = 3600;
const DAY = 24 * HOUR;
const NAMED: Readonly<Record<string, number>> = {
  '@hourly': HOUR,
  '@daily': DAY,
  '@midnight': DAY,
  '@weekly': 7 * DAY,
  '@monthly': 31 * DAY,
  '@yearly': 366 * DAY,
  '@annually': 366 * DAY,
};

/**
 * The longest time that can lie between two runs of a cron schedule, seconds, rounded up generously: what is later than this
 * has been missed. Null for what is no schedule.
 */
export function longestGapSeconds(schedule: string): number | null {
  const text = schedule.replace(/^(?:CRON_)?TZ=\S+\s+/, '').trim();
  const named = NAMED[text.toLowerCase()];
  if (named !== undefined) return named;
  const every = /^@every (\d{1,6})([hms])/.exec(text);
  if (every !== null) return Number(every[1]) * (every[2] === 'h' ? HOUR : every[2] === 'm' ? 60 : 1);
  const fields = text.split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields.map((field) =>
    /^(?:\*|\?|\*\/1)$/.test(field) ? '*' : field,
  );
  if (month !== '*') return 366 * DAY;
  if (day !== '*' && weekday === '*') return 62 * DAY;
  if (weekday !== '*') return 7 * DAY;
  if (hour !== '*') return stepOf(hour, HOUR, DAY);
  return minute === '*' ? 60 : stepOf(minute, 60, HOUR);
}

/** A step of 15 minutes is just that; any other field may leave the whole of the next larger unit between runs. */
function stepOf(field: string, unit: number, larger: number): number {
  const step = /^\*\/(\d{1,2})$/.exec(field)?.[1];
  return step === undefined ? larger : Math.min(larger, Math.max(1, Number(step)) * unit);
}
