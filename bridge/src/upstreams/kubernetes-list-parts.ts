import { isList, isObject, type Json, type JsonObject, listAt, parseJson, textAt } from '../kubernetes/json.ts';

/**
 * A list document as several of the same list, each with the next of its items (or of the rows of a Table); what is no list,
 * or a short one, as it is. Each is parsed when it is asked for, and garbage as soon as it was read: a page of a megabyte
 * parsed at once lives long enough to be moved about by the collector, which takes longer than the parsing.
 * @throws {SyntaxError} where the body is not JSON, perhaps after some of it
 */
export function* listParts(body: Buffer): Generator<Json, void> {
  const framed = body.length > PART_BYTES ? frameOf(body) : null;
  if (framed === null) {
    yield JSON.parse(body.toString('utf8'));
    return;
  }
  const { key, frame, end, opening } = framed;
  let { start } = framed;
  let read = 0;
  do {
    const { items, cut } = nextItems(body, opening, start, end);
    if (items === null) {
      // It does not end as lists do. What was read so far was the beginning of it.
      const whole: Json = JSON.parse(body.toString('utf8'));
      yield isObject(whole) ? { ...whole, [key]: listAt(whole, key).slice(read) } : whole;
      return;
    }
    yield { ...frame, [key]: items };
    read += items.length;
    start = cut + 1;
  } while (start < end);
}

/** What V8 parses from texts of 100 kB and more, it puts where only a full collection finds it. */
const PART_BYTES = 64 * 1024;
/** Ends that are looked at before what is left is parsed at once. */
const TRIES = 4;

interface Framed {
  key: 'items' | 'rows';
  /** The document with no items in it. */
  frame: JsonObject;
  /** Where the items are in the body. */
  start: number;
  end: number;
  /** What an item begins with, and what is before it: `},{"metadata":`. */
  opening: Buffer;
}

/** Null for what is not written as API servers do: kind and metadata before the items, nothing after them, no spaces. */
function frameOf(body: Buffer): Framed | null {
  const found = /"(items|rows)":\[/.exec(body.toString('latin1', 0, PART_BYTES));
  const end = body.lastIndexOf(']');
  if (found === null || end < 0) return null;
  const key = found[1] === 'rows' ? 'rows' : 'items';
  const start = found.index + found[0].length;
  const frame = parseJson(body.toString('utf8', 0, start) + body.toString('utf8', end));
  const [opening] = OPENING.exec(body.toString('latin1', start, start + LONGEST_OPENING)) ?? [];
  if (opening === undefined || !isObject(frame) || !isObject(frame.metadata)) return null;
  if (textAt(frame, 'kind') === undefined || !isList(frame[key]) || frame[key].length > 0) return null;
  return { key, frame, start, end, opening: Buffer.from(`},${opening}`, 'latin1') };
}

/** As far as it is the same for all items. */
const OPENING = /^\{(?:"(?:kind|apiVersion)":"[^"\\]*",)*"[^"\\]*":/;
const LONGEST_OPENING = 500;

/**
 * The items up to a place that looks like the beginning of the next. Whether it is one, the parser tells: brackets around a
 * part of a list make a list only where the part begins and ends between items. Null where not even the end of the body is.
 */
function nextItems(body: Buffer, opening: Buffer, start: number, end: number): { items: Json[] | null; cut: number } {
  for (let from = start + PART_BYTES, tries = 1; ; tries += 1) {
    const next = tries > TRIES ? -1 : body.indexOf(opening, from);
    const cut = next < 0 || next >= end ? end : next + 1;
    const items = parseJson(`[${body.toString('utf8', start, cut)}]`);
    if (items !== undefined || cut === end) return { items: isList(items) ? [...items] : null, cut };
    from = cut;
  }
}
