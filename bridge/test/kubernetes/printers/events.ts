import { type JsonObject, numberAt, textAt } from '../../../src/kubernetes/json.ts';
import { printAge } from './ages.ts';
import { columns, nameOf, type Printer } from './cells.ts';

/** Events of both groups, kept in the core shape. */
export const eventPrinter: Printer = {
  columns: [
    ...columns(['Last Seen', 'Type', 'Reason', 'Object'], ['Subobject', 'Source']),
    ...columns(['Message'], ['First Seen', 'Count', 'Name']),
  ],
  cells: (event, nowMs) => {
    const eventTime = textAt(event, 'eventTime');
    const first = textAt(event, 'firstTimestamp') ?? eventTime;
    const last = textAt(event, 'series', 'lastObservedTime') ?? textAt(event, 'lastTimestamp') ?? first;
    const kind = (textAt(event, 'involvedObject', 'kind') ?? '').toLowerCase();
    const name = textAt(event, 'involvedObject', 'name') ?? '';
    return [
      printAge(last, nowMs),
      textAt(event, 'type') ?? '',
      textAt(event, 'reason') ?? '',
      name === '' ? kind : `${kind}/${name}`,
      textAt(event, 'involvedObject', 'fieldPath') ?? '',
      sourceOf(event),
      (textAt(event, 'message') ?? '').trim(),
      printAge(first, nowMs),
      numberAt(event, 'series', 'count') ?? (numberAt(event, 'count') || 1),
      nameOf(event),
    ];
  },
};

function sourceOf(event: JsonObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent') || '';
  const host = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance') || '';
  return host === '' ? component : `${component}, ${host}`;
}
