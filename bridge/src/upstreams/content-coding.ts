import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';

const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * A body without its content coding (RFC 9110 §8.4.1). None is asked for, but some proxies compress all the same. Reading it
 * throws what reading the body throws, and an error of zlib where it is not what its header says.
 */
export function decodedBody({
  headers,
  body,
}: Pick<Dispatcher.ResponseData, 'headers' | 'body'>): AsyncIterable<Buffer> {
  const decoder = DECODERS.get(
    String(headers['content-encoding'] ?? '')
      .trim()
      .toLowerCase(),
  );
  // What ends either of them, the reader is told by the one it reads.
  return decoder === undefined ? body : pipeline(body, decoder(), () => undefined);
}
