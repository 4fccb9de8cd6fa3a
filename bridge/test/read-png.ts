import { crc32, inflateSync } from 'node:zlib';

/** A decoded picture. */
export interface ReadPng {
  width: number;
  height: number;
  /** The colour of a pixel, `#0072b2`. */
  at(x: number, y: number): string;
}

/** Reads the PNGs that the bridge writes, strictly: whole, checksums right, eight bits with a palette, no filters. */
export function readPng(data: Uint8Array): ReadPng {
  const bytes = Buffer.from(data);
  if (bytes.subarray(0, 8).toString('latin1') !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG');
  const chunks: { type: string; body: Buffer }[] = [];
  let offset = 8;
  while (offset < bytes.length) {
    const length = bytes.readUInt32BE(offset);
    const typed = bytes.subarray(offset + 4, offset + 8 + length);
    if (crc32(typed) !== bytes.readUInt32BE(offset + 8 + length)) throw new Error('checksum');
    chunks.push({ type: typed.toString('latin1', 0, 4), body: typed.subarray(4) });
    offset += 12 + length;
  }
  const names = chunks.map(({ type }) => type).join(' ');
  if (names !== 'IHDR PLTE IDAT IEND') throw new Error(`chunks ${names}`);
  const [header, palette, body] = chunks.map((chunk) => chunk.body);
  if (header === undefined || palette === undefined || body === undefined) throw new Error('chunks');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header.subarray(8).toString('hex') !== '0803000000') throw new Error('form');
  const rows = inflateSync(body);
  if (rows.length !== (width + 1) * height) throw new Error('size');
  for (let y = 0; y < height; y += 1) if (rows[y * (width + 1)] !== 0) throw new Error('filter');
  return {
    width,
    height,
    at: (x, y) => {
      const index = rows[y * (width + 1) + 1 + x] ?? 0;
      if (3 * index + 3 > palette.length) throw new Error('palette');
      return `#${palette.subarray(3 * index, 3 * index + 3).toString('hex')}`;
    },
  };
}

/** Where the pixels of a colour are, column by column from the left, the uppermost of each column. */
export function uppermost(png: ReadPng, colour: string): { x: number; y: number }[] {
  const found: { x: number; y: number }[] = [];
  for (let x = 0; x < png.width; x += 1)
    for (let y = 0; y < png.height; y += 1) {
      if (png.at(x, y) !== colour) continue;
      found.push({ x, y });
      break;
    }
  return found;
}
