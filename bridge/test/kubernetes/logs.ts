import { at, type Json, type JsonObject, listAt, textAt } from '../../src/kubernetes/json.ts';
import type { Cluster, LogSource } from './cluster.ts';
import { SEED_NOW } from './seed-time.ts';
import { badRequest, type Reply } from './status-answers.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z /;

/** Which pod's log is asked for. */
interface Asked {
  pod: JsonObject;
  namespace: string;
  name: string;
  query: URLSearchParams;
  nowMs: number;
}

/** The log's chunks as the kubelet sends them, or what it says instead. */
export function logReply(cluster: Cluster, asked: Asked): Reply | Iterable<string | Buffer> {
  const { pod, namespace, name, query, nowMs } = asked;
  const container = containerOf(pod, name, query.get('container') ?? '');
  if (typeof container !== 'string') return container;
  if ((textAt(pod, 'spec', 'nodeName') ?? '') === '') return badRequest(`pods "${name}" does not have a host assigned`);
  const previous = query.get('previous') === 'true';
  const status = statusOf(pod, container);
  if (previous && at(status, 'lastState', 'terminated') === undefined) {
    return badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  const waiting = waitingFor(status);
  if (!previous && waiting !== null) {
    return badRequest(`container "${container}" in pod "${name}" is waiting to start: ${waiting}`);
  }
  return readLog(cluster.log({ namespace, pod: name, container }, previous) ?? '', query, nowMs);
}

function containerOf(pod: JsonObject, name: string, asked: string): string | Reply {
  const names = (field: string) => listAt(pod, 'spec', field).map((each) => textAt(each, 'name') ?? '');
  const main = names('containers');
  const init = names('initContainers');
  if (asked !== '') {
    const isKnown = [...main, ...init, ...names('ephemeralContainers')].includes(asked);
    return isKnown ? asked : badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only] = main;
  if (main.length === 1 && only !== undefined) return only;
  const orInit = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
  return badRequest(`a container name must be specified for pod ${name}, choose one of: [${main.join(' ')}]${orInit}`);
}

function statusOf(pod: JsonObject, container: string): Json | undefined {
  const all = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  return all.flatMap((field) => listAt(pod, 'status', field)).find((each) => textAt(each, 'name') === container);
}

/** Why there is no log yet; null where there is one: a container that ran once has its last run's. */
function waitingFor(status: Json | undefined): string | null {
  if (status === undefined) return 'ContainerCreating';
  const reason = textAt(status, 'state', 'waiting', 'reason');
  if (reason === undefined || at(status, 'lastState', 'terminated') !== undefined) return null;
  if (reason === 'ErrImagePull') return "image can't be pulled";
  return reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason;
}

/** What `timestamps`, `sinceSeconds`, `sinceTime`, `tailLines` and `limitBytes` leave of a log, without holding it. */
function* readLog(log: LogSource, query: URLSearchParams, nowMs: number): Generator<string | Buffer> {
  const tail = query.get('tailLines');
  const limit = query.get('limitBytes');
  const withTimes = query.get('timestamps') === 'true';
  const since = sinceOf(query, nowMs);
  const chunks = typeof log === 'string' ? [dated(log)] : log();
  if (withTimes && tail === null && limit === null && since === null) {
    yield* chunks;
    return;
  }
  let left = limit === null ? Number.POSITIVE_INFINITY : Number(limit);
  const kept = tail === null ? linesOf(chunks, since) : lastOf(linesOf(chunks, since), Number(tail));
  for (const line of kept) {
    const text = withTimes ? line : line.replace(TIME, '');
    const bytes = Buffer.byteLength(text);
    if (bytes > left) {
      yield Buffer.from(text).subarray(0, left);
      return;
    }
    left -= bytes;
    yield text;
  }
}

/** The earliest time that is shown, milliseconds; null for all. */
function sinceOf(query: URLSearchParams, nowMs: number): number | null {
  const seconds = query.get('sinceSeconds');
  if (seconds !== null) return nowMs - Number(seconds) * 1000;
  const time = query.get('sinceTime');
  return time === null ? null : Date.parse(time);
}

function* linesOf(chunks: Iterable<string>, since: number | null): Generator<string> {
  const isShown = (line: string) =>
    since === null || !TIME.test(line) || Date.parse(line.slice(0, line.indexOf(' '))) >= since;
  let rest = '';
  for (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (isShown(line)) yield `${line}\n`;
  }
  if (rest !== '' && isShown(rest)) yield rest;
}

function lastOf(lines: Iterable<string>, count: number): string[] {
  const ring: string[] = [];
  let index = 0;
  for (const line of lines) {
    if (count === 0) continue;
    ring[index % count] = line;
    index += 1;
  }
  return index <= count ? ring : [...ring.slice(index % count), ...ring.slice(0, index % count)];
}

/** Gives each line without a time one: a second apart, the last at SEED_NOW. */
function dated(log: string): string {
  if (log === '' || TIME.test(log)) return log;
  const isWhole = log.endsWith('\n');
  const lines = (isWhole ? log.slice(0, -1) : log).split('\n');
  const first = SEED_NOW.getTime() - (lines.length - 1) * 1000;
  const text = lines
    .map((line, index) => `${new Date(first + index * 1000).toISOString().replace('Z', '000000Z')} ${line}`)
    .join('\n');
  return isWhole ? `${text}\n` : text;
}
