import { plainText } from '../plain-text.ts';

/** What is taken from the header of an installed package. */
export interface RpmHeader {
  name: string;
  /** `epoch:version-release`, without the epoch where there is none; rpm calls it EVR. */
  version: string;
  architecture: string | null;
}

/** Tags of rpmtag.h, and their types. */
const NAME = 1000;
const VERSION = 1001;
const RELEASE = 1002;
const EPOCH = 1003;
const ARCH = 1022;
const TYPE_INT32 = 4;
const TYPE_STRING = 6;
/** More entries or data than any package has. */
const MAX_ENTRIES = 65_536;
const MAX_TEXT = 512;

/** Bytes of the index of a header, by its first 4; null when that cannot be a header. */
export function rpmIndexBytes(start: Buffer): number | null {
  const entries = start.length < 4 ? 0 : start.readUInt32BE(0);
  return entries < 1 || entries > MAX_ENTRIES ? null : 8 + entries * 16;
}

/** How much of a header is needed to read it, by its index: names and versions come first, long before the lists of files. */
export function rpmWantedBytes(index: Buffer): number {
  const offsets = [...entriesOf(index).values()].map(({ offset }) => offset);
  return index.length + Math.max(0, ...offsets) + MAX_TEXT;
}

/**
 * Reads a header as the database holds it, big-endian (rpm's "Package Format V4", Header): the number of index entries, the
 * size of the data, entries of tag, type, offset and count, then the data. Null when it has no name or no version.
 */
export function parseRpmHeader(bytes: Buffer): RpmHeader | null {
  const size = rpmIndexBytes(bytes);
  if (size === null || size > bytes.length) return null;
  const entries = entriesOf(bytes.subarray(0, size));
  const data = bytes.subarray(size);
  const text = (tag: number) => {
    const entry = entries.get(tag);
    if (entry?.type !== TYPE_STRING || entry.offset >= data.length) return null;
    const end = data.indexOf(0, entry.offset);
    return end < 0
      ? null
      : plainText(data.toString('utf8', entry.offset, Math.min(end, entry.offset + MAX_TEXT))) || null;
  };
  const name = text(NAME);
  const version = text(VERSION);
  if (name === null || version === null) return null;
  const release = text(RELEASE);
  const epoch = entries.get(EPOCH);
  const hasEpoch = epoch?.type === TYPE_INT32 && epoch.offset + 4 <= data.length;
  const evr = [hasEpoch ? `${data.readUInt32BE(epoch.offset)}:` : '', version, release === null ? '' : `-${release}`];
  return { name, version: evr.join(''), architecture: text(ARCH) };
}

const WANTED: ReadonlySet<number> = new Set([NAME, VERSION, RELEASE, EPOCH, ARCH]);

function entriesOf(index: Buffer): Map<number, { type: number; offset: number }> {
  const found = new Map<number, { type: number; offset: number }>();
  for (let at = 8; at + 16 <= index.length; at += 16) {
    const tag = index.readUInt32BE(at);
    // Offsets are signed: those of the entries wanted are never negative.
    const offset = index.readInt32BE(at + 8);
    if (WANTED.has(tag) && offset >= 0 && !found.has(tag)) found.set(tag, { type: index.readUInt32BE(at + 4), offset });
  }
  return found;
}
