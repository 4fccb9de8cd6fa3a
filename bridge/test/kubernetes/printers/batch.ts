import { at, isTrueAt, type JsonObject, listAt, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { printAge, printDuration } from './ages.ts';
import { ageOf, columns, containersOf, nameOf, orNone, type Printer } from './cells.ts';
import { printSelector } from './workloads.ts';

/** Jobs. */
export const jobPrinter: Printer = {
  columns: columns(['Name', 'Status', 'Completions', 'Duration', 'Age'], ['Containers', 'Images', 'Selector']),
  cells: (job, nowMs) => [
    nameOf(job),
    statusOf(job),
    completionsOf(job),
    durationOf(job, nowMs),
    ageOf(job, nowMs),
    ...containersOf(at(job, 'spec', 'template', 'spec')),
    printSelector(at(job, 'spec', 'selector')),
  ],
};

/** CronJobs. */
export const cronJobPrinter: Printer = {
  columns: columns(
    ['Name', 'Schedule', 'Timezone', 'Suspend', 'Active', 'Last Schedule', 'Age'],
    ['Containers', 'Images', 'Selector'],
  ),
  cells: (job, nowMs) => {
    const last = textAt(job, 'status', 'lastScheduleTime');
    return [
      nameOf(job),
      textAt(job, 'spec', 'schedule') ?? '',
      orNone(textAt(job, 'spec', 'timeZone')),
      isTrueAt(job, 'spec', 'suspend') ? 'True' : 'False',
      listAt(job, 'status', 'active').length,
      last === undefined ? '<none>' : printAge(last, nowMs),
      ageOf(job, nowMs),
      ...containersOf(at(job, 'spec', 'jobTemplate', 'spec', 'template', 'spec')),
      printSelector(at(job, 'spec', 'jobTemplate', 'spec', 'selector')),
    ];
  },
};

/** The end that a job came to, else what it is about. */
function statusOf(job: JsonObject): string {
  const conditions = listAt(job, 'status', 'conditions').filter((each) => textAt(each, 'status') === 'True');
  const has = (type: string) => conditions.some((each) => textAt(each, 'type') === type);
  const known = ['Complete', 'Failed'].find(has);
  if (known !== undefined) return known;
  if (textAt(job, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completionsOf(job: JsonObject): string {
  const succeeded = numberAt(job, 'status', 'succeeded') ?? 0;
  const completions = numberAt(job, 'spec', 'completions');
  if (completions !== undefined) return `${succeeded}/${completions}`;
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf(job: JsonObject, nowMs: number): string {
  const start = textAt(job, 'status', 'startTime');
  if (start === undefined) return '';
  const end = textAt(job, 'status', 'completionTime');
  return printDuration((end === undefined ? nowMs : Date.parse(end)) - Date.parse(start));
}
