import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { TimeFacts } from '@telemcp/shared/facts/time';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { secondsBetween, showAge, showMoment, showOffset } from '../../format-time.ts';
import { defineFamilyView, propertyTable } from '../family-view.ts';
import type { FleetLooks, Look } from '../fleet-looks.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

const SOURCES = 10;
const CLOCKS = 10;
/** A difference between two clocks below this says nothing: the answer was under way meanwhile. */
const SKEW_SECONDS = 1;

/** The `time` family: whether the clock is synchronized, how far off it can be, and the sources. */
export const timeView = defineFamilyView<TimeFacts>({
  schema: AgentAnswer.extend(envelopeOf(TimeFacts).shape),
  one: (look, all) => ({
    summary: `${showSynchronized(look.data)}${bound(look.data)}`,
    tables: [clockTable(look, all), ...sourcesTable(look.data)],
  }),
  fleet: (fleet, all, { now }) => {
    const { looks } = fleet;
    const values = (read: (data: TimeFacts) => string | number | boolean | null) =>
      looks.map(({ node, data }) => {
        const value = read(data);
        return { node, value: value === null ? null : String(value) };
      });
    const synced = looks.filter(({ data }) => data.synchronized === true).length;
    const unsure = looks.filter(({ data }) => data.synchronized === null).length;
    const not = looks.length - synced - unsure;
    const counts = [
      ...(not === 0 ? [] : [`${not} not synchronized`]),
      ...(unsure === 0 ? [] : [`${unsure} not known`]),
    ];
    return {
      summary: [...counts, `${synced === looks.length ? 'all' : synced} synchronized`].join(', '),
      tables: [
        ...withRollUp(
          clocksTable(looks, all),
          rollUpTable([
            ['implementation', values((data) => data.implementation)],
            ['stratum', values((data) => data.stratum)],
            ['timezone', values((data) => data.timezone)],
            ['rtcInLocalTime', values((data) => data.rtcInLocalTime)],
            ['ntpEnabled', values((data) => data.ntpEnabled)],
          ]),
        ),
      ],
      notes: skewNotes(fleet, now),
    };
  },
});

function showSynchronized({ synchronized, implementation }: TimeFacts): string {
  if (synchronized === true && implementation !== 'unknown' && implementation !== 'none')
    return `synchronized by ${implementation}`;
  const state =
    synchronized === null ? 'not known whether synchronized' : synchronized ? 'synchronized' : 'NOT synchronized';
  return `${state}, time daemon: ${implementation}`;
}

function bound({ clockErrorBoundSeconds: seconds }: TimeFacts): string {
  return seconds === null ? '' : `, off by ${showOffset(seconds)} at most`;
}

function clockTable({ data, answeredAt }: Look<TimeFacts>, all: boolean): Table {
  const ago = (moment: string) =>
    `${showMoment(moment, answeredAt)} (${showAge(secondsBetween(moment, answeredAt))} ago)`;
  const labelled = (label: string, value: string | number | null) => (value === null ? null : `${label} ${value}`);
  const rows = propertyTable([
    ['note', data.note === null ? null : briefText(data.note, 160)],
    ['reference', words(data.referenceName ?? data.referenceId, labelled('stratum', data.stratum))],
    ['offset', words(offset(data.lastOffsetSeconds), labelled('RMS', offset(data.rmsOffsetSeconds)))],
    ['leap', data.leapStatus === 'normal' && !all ? null : data.leapStatus],
    ['lastSync', data.lastSyncAt === null ? null : ago(data.lastSyncAt)],
    ['timezone', data.timezone],
    // Only what is out of the ordinary is worth a line to a reader who did not ask for it.
    ['rtcInLocalTime', data.rtcInLocalTime === true || all ? data.rtcInLocalTime : null],
    ['ntpEnabled', data.ntpEnabled === false || all ? data.ntpEnabled : null],
  ]);
  const more = propertyTable([
    ['referenceId', data.referenceId],
    ['errorBound', offset(data.clockErrorBoundSeconds)],
    ['rootDelay', offset(data.rootDelaySeconds)],
    ['rootDispersion', offset(data.rootDispersionSeconds)],
    ['updateInterval', data.updateIntervalSeconds === null ? null : showAge(data.updateIntervalSeconds)],
    ['frequency', data.frequencyPpm === null ? null : `${data.frequencyPpm} ppm`],
  ]);
  return {
    ...(data.sources.length === 0 ? {} : { name: 'clock' }),
    ...rows,
    rows: all ? [...rows.rows, ...more.rows] : rows.rows,
  };
}

function sourcesTable({ sources }: TimeFacts): Table[] {
  if (sources.length === 0) return [];
  const rank = (state: string) => (state === 'selected' ? 1 : state === 'combined' || state === 'selectable' ? 2 : 0);
  const rows = sources
    .toSorted((a, b) => rank(a.state) - rank(b.state))
    .map((source): Cell[] => [
      briefText(source.state, 40),
      source.stratum,
      source.reachability === null ? null : `${Math.round(source.reachability * 100)}%`,
      source.lastSampleAgeSeconds === null ? null : showAge(source.lastSampleAgeSeconds),
      offset(source.lastOffsetSeconds),
      briefText(source.name, 120),
    ]);
  return [{ name: 'sources', columns: ['state', 'stratum', 'reach', 'age', 'offset', 'name'], rows, limit: SOURCES }];
}

/** Clocks worst first: not synchronized, not known, then by how far off they can be. */
function clocksTable(looks: readonly Look<TimeFacts>[], all: boolean): Table {
  const rank = (data: TimeFacts) => (data.synchronized === null ? 1 : data.synchronized ? 2 : 0);
  const farthest = ({ clockErrorBoundSeconds, lastOffsetSeconds }: TimeFacts) =>
    clockErrorBoundSeconds ?? Math.abs(lastOffsetSeconds ?? 0);
  const rows = looks
    .toSorted((a, b) => rank(a.data) - rank(b.data) || farthest(b.data) - farthest(a.data))
    .map(({ node, data }): Cell[] => [
      node,
      data.synchronized,
      offset(data.lastOffsetSeconds),
      offset(data.clockErrorBoundSeconds),
      words(data.referenceName ?? data.referenceId, data.note === null ? null : briefText(data.note, 120)),
    ]);
  const columns = ['node', 'synchronized', 'offset', 'errorBound', 'reference'];
  return { name: 'clocks', columns, rows, ...(all ? {} : { limit: CLOCKS }) };
}

/**
 * Clocks that cannot be right if this bridge's is: a node that answered before it was asked, or after its answer was here. This
 * needs no guess at how long the answer took, and finds what a daemon does not know of itself.
 */
function skewNotes({ looks, receivedAt }: FleetLooks<TimeFacts>, askedAt: Date): string[] {
  const skewed = looks.flatMap(({ node, answeredAt }) => {
    const behind = (askedAt.getTime() - Date.parse(answeredAt)) / 1000;
    const ahead = (Date.parse(answeredAt) - receivedAt.getTime()) / 1000;
    if (behind > SKEW_SECONDS) return [{ text: `${node} ${showOffset(behind)} behind`, size: behind }];
    return ahead > SKEW_SECONDS ? [{ text: `${node} ${showOffset(ahead)} ahead`, size: ahead }] : [];
  });
  if (skewed.length === 0) return [];
  const names = skewed.sort((a, b) => b.size - a.size).map(({ text }) => text);
  return [`against the clock of this bridge, ${countOf(skewed.length, 'node')} off: ${listNames(names, 5)}`];
}

function offset(seconds: number | null): string | null {
  return seconds === null ? null : showOffset(seconds);
}

function words(...parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null && part !== '');
  return known.length === 0 ? null : briefText(known.join(', '), 200);
}
