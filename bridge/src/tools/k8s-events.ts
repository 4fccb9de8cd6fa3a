import * as z from 'zod';
import type { Answer, NextCall } from '../answer.ts';
import { countOf } from '../brief-text.ts';
import { showDuration } from '../format.ts';
import { showAge, showMoment } from '../format-time.ts';
import type { ClusterEvent } from '../kubernetes/events/event.ts';
import { keptMessage, templateReader } from '../kubernetes/events/event-message.ts';
import { concerns, type EventScope, includesOwned, mayConcern } from '../kubernetes/events/event-scope.ts';
import { eventTable, NAMES_SHOWN } from '../kubernetes/events/event-table.ts';
import { describeTotals } from '../kubernetes/events/event-totals.ts';
import { isWithin } from '../kubernetes/events/event-window.ts';
import { explainEmpty } from '../kubernetes/events/explain-empty.ts';
import { type EventGroup, foldEvents, type TemplatedEvent } from '../kubernetes/events/fold-events.ts';
import { readEvents } from '../kubernetes/events/read-events.ts';
import { findWorkloads } from '../kubernetes/events/workloads.ts';
import { parseSince } from '../moment.ts';
import { configured, defineTool } from '../tool.ts';

/** Groups of a broad question, and rows shown at once. */
const ROWS = 30;
/** What an API server keeps events for unless `--event-ttl` says otherwise. */
const USUAL_TTL_MS = 3_600_000;

/** `k8s.events`: what happened to objects, folded. */
export const k8sEvents = defineTool({
  name: 'k8s.events',
  title: 'Kubernetes events',
  description:
    'Kubernetes events folded by owner, reason and message, warnings first, then newest, with true totals. Says why pods are not ' +
    'scheduled, pulled, started, healthy, or why a controller cannot go on. A workload name brings its pods too.',
  input: z.strictObject({
    namespace: z.string().optional().describe('Default all'),
    since: z.string().default('1h').describe('Like 30m, 6h, or RFC 3339'),
    kind: z.string().optional().describe('Of the object, like pod or deploy'),
    name: z.string().optional().describe('Object, or workload with its pods'),
    type: z.enum(['Warning', 'Normal']).optional().describe('Default both'),
  }),
  paged: true,
  async run({ since, type, ...given }, { upstreams, signal, now }): Promise<Answer> {
    // Models send an empty text for what they leave out.
    const [namespace, kind, name] = [given.namespace, given.kind, given.name].map((text) => text || undefined);
    const kubernetes = configured(upstreams.kubernetes, 'Kubernetes API', 'TELEMCP_KUBERNETES');
    const start = parseSince(since, now);
    const resource = kind === undefined ? undefined : await kubernetes.resolve(kind, signal);
    // Events of what lives in no namespace are kept in any, mostly in default.
    const within = resource?.namespaced === false ? undefined : namespace;
    const scope: EventScope = { kind: resource?.kind, name };
    const templateOf = templateReader();
    const pick = (event: ClusterEvent): TemplatedEvent | undefined =>
      isWithin(event.last, start) && mayConcern(scope, event)
        ? { ...event, message: keptMessage(event.message), template: templateOf(event.message, event) }
        : undefined;
    const exact = includesOwned(scope) ? {} : scope;
    const read = await readEvents(kubernetes, { namespace: within, type, ...exact }, pick, signal);
    const { ownersOf, gaps } = await findWorkloads(read, kubernetes, signal);
    const events = name === undefined ? read : read.filter((event) => concerns(scope, event, ownersOf(event)));
    const span = `since ${showMoment(start.toISOString(), now.toISOString())} (${showDuration((now.getTime() - start.getTime()) / 1000)})`;
    const frame = { title: titleOf(scope, within), source: kubernetes.name, asOf: now, window: span };
    const ignored =
      within === namespace ? [] : [`${resource?.kind} lives in no namespace: namespace=${namespace} was left out`];
    if (events.length === 0) {
      const asked = { namespace: within, type, scope, resource, start, now };
      const notes = await explainEmpty(asked, kubernetes, signal);
      return {
        ...frame,
        summary: type === undefined ? 'no events' : `no ${type} events`,
        tables: [],
        notes: [...ignored, ...notes],
      };
    }
    // Who asks for one kind or name wants each owner by itself.
    const isNarrow = kind !== undefined || name !== undefined;
    const groups = await foldEvents(events, ownersOf, isNarrow ? null : ROWS);
    return {
      ...frame,
      summary: describeTotals(events),
      tables: [eventTable(groups, now, ROWS)],
      notes: [...ignored, ...reach(events, start, now), ...ownerGaps(gaps)],
      next: [...nextCalls(groups), ...(isNarrow ? [] : unfold(groups, since))],
    };
  },
});

function titleOf({ kind, name }: EventScope, namespace: string | undefined): string {
  const what = [kind, name].filter((part) => part !== undefined).join('/');
  return `events${what === '' ? '' : ` of ${what}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

/** How far back the events and their counts go, where that is not what the window says. */
function reach(events: readonly TemplatedEvent[], start: Date, now: Date): string[] {
  const ageOf = (time: number) => now.getTime() - time;
  const show = (age: number) => `${showAge(age / 1000)} ago`;
  const longest = (ages: readonly number[]) => ages.reduce((a, b) => Math.max(a, b), 0);
  const span = ageOf(start.getTime());
  const oldest = longest(events.flatMap(({ last }) => (last === null ? [] : [ageOf(last)])));
  const early = events.flatMap(({ first }) => (first === null || ageOf(first) <= span ? [] : [ageOf(first)]));
  const undated = events.filter(({ last }) => last === null).length;
  const usual = oldest <= 1.2 * USUAL_TTL_MS ? '; API servers keep events for 1h unless told otherwise' : '';
  return [
    ...(span > USUAL_TTL_MS && oldest < 0.9 * span ? [`oldest seen ${show(oldest)}${usual}`] : []),
    ...(early.length === 0
      ? []
      : [`counts of ${countOf(early.length, 'event')} begin before the window, the first ${show(longest(early))}`]),
    ...(undated === 0 ? [] : [`${countOf(undated, 'event')} without a time`]),
  ];
}

function ownerGaps(gaps: readonly string[]): string[] {
  return gaps.length === 0 ? [] : [`owners not looked up: ${gaps.join('; ')}`];
}

/** The object of the first warning: its last log where a container ended, else itself. */
function nextCalls([first]: readonly EventGroup[]): NextCall[] {
  if (first === undefined || first.newest.type !== 'Warning') return [];
  const { namespace, kind, name, message } = first.newest;
  if (kind === 'Pod' && namespace !== null && message.startsWith('Back-off restarting'))
    return [{ tool: 'tail.pod_logs', arguments: { namespace, pod: name, previous: true } }];
  if (kind === '' || name === '') return [];
  return [
    { tool: 'k8s.get', arguments: { kind: kindOf(first.newest), ...(namespace === null ? {} : { namespace }), name } },
  ];
}

/** The kind as it is asked for: a custom one with its group, for Knative has a Service too. */
function kindOf({ kind, group }: ClusterEvent): string {
  return group.includes('.') && !group.endsWith('.k8s.io') ? `${kind}.${group}` : kind;
}

/** What gives each owner its own row again, of the first row that has more of them than it names. */
function unfold(groups: readonly EventGroup[], since: string): NextCall[] {
  const group = groups.find(({ owners, newest }) => owners.size > NAMES_SHOWN && newest.kind !== '');
  if (group === undefined) return [];
  const { type } = group.newest;
  const [namespace, ...others] = group.namespaces.keys();
  const place = namespace == null || others.length > 0 ? {} : { namespace };
  const types = type === 'Warning' || type === 'Normal' ? { type } : {};
  return [
    {
      tool: 'k8s.events',
      arguments: { ...place, kind: kindOf(group.newest), ...types, ...(since === '1h' ? {} : { since }) },
    },
  ];
}
