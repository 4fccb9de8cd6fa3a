import { random } from './random.ts';
import { SEED_NOW } from './seed-time.ts';
import { type Site, seedPod } from './seed-workloads.ts';
import { cronJob, job } from './workload-objects.ts';

/** Hours since its last run for each CronJob that runs well. */
const NIGHTLY = ['backup', 'invoice-export', 'rotate-logs'] as const;

/**
 * CronJobs of `batch`: three that run each hour with three complete Jobs each, `report` whose last Job failed three times,
 * `cleanup` whose Job is running, `legacy-sync` that is suspended, and `reconcile` that should have run six times since.
 */
export function seedJobs(site: Site, round: number): void {
  const named = (name: string) => (round === 0 ? name : `${name}-${round + 1}`);
  for (const name of NIGHTLY) {
    const own = named(name);
    for (const hours of [1, 2, 3]) seedJobRun(site, own, { hours, end: 'complete' });
    site.cluster.add(
      cronJob({
        name: own,
        namespace: 'batch',
        schedule: '0 * * * *',
        age: '60d',
        lastSchedule: '1h2m',
        lastSuccess: '1h',
      }),
    );
  }
  seedJobRun(site, named('report'), { hours: 4, end: 'failed' });
  seedJobRun(site, named('cleanup'), { hours: 1, end: 'running' });
  site.cluster.add(
    cronJob({
      name: named('report'),
      namespace: 'batch',
      schedule: '0 */4 * * *',
      age: '60d',
      lastSchedule: '4h',
      lastSuccess: '8h',
    }),
    cronJob({
      name: named('cleanup'),
      namespace: 'batch',
      schedule: '30 */2 * * *',
      age: '60d',
      lastSchedule: '1h',
      active: [jobName(named('cleanup'), 1)],
    }),
    cronJob({
      name: named('legacy-sync'),
      namespace: 'batch',
      schedule: '*/5 * * * *',
      age: '200d',
      suspended: true,
      lastSchedule: '30d',
    }),
    cronJob({
      name: named('reconcile'),
      namespace: 'batch',
      schedule: '0 * * * *',
      age: '60d',
      lastSchedule: '6h2m',
      lastSuccess: '6h',
    }),
  );
}

type End = 'complete' | 'failed' | 'running';

/** A Job of a CronJob that began some hours ago, with its pods. */
function seedJobRun(site: Site, cron: string, { hours, end }: { hours: number; end: End }): void {
  const name = jobName(cron, hours);
  const rolls = random(name);
  const image = `registry.example/${cron}:3.1`;
  const age = `${hours}h2m`;
  const common = {
    name,
    namespace: 'batch',
    image,
    age,
    owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: cron },
  };
  const ends = {
    complete: { succeeded: 1, ended: `${hours}h` },
    running: { active: 1 },
    failed: {
      failed: 3,
      ended: `${hours - 1}h`,
      failure: { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' },
    },
  };
  site.cluster.add(job({ ...common, ...ends[end] }));
  const runs = end === 'failed' ? ['3h58m', '3h40m', '3h10m'] : [`${hours}h`];
  for (const ago of runs) {
    const exitCode = end === 'failed' ? 1 : 0;
    seedPod(site, rolls, {
      name: `${name}-${rolls.suffix(5)}`,
      namespace: 'batch',
      age: end === 'failed' ? `${ago}1m` : age,
      labels: { 'batch.kubernetes.io/job-name': name },
      owner: { apiVersion: 'batch/v1', kind: 'Job', name },
      restartPolicy: 'Never',
      containers: [{ image, ...(end === 'running' ? {} : { state: { ended: { exitCode, ago } }, ready: false }) }],
    });
  }
}

/** A CronJob names its Jobs by the minute they are due. */
function jobName(cron: string, hours: number): string {
  return `${cron}-${Math.floor(SEED_NOW.getTime() / 3_600_000 - hours) * 60}`;
}
