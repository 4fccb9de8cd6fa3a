import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidArgument } from './errors.ts';

/** Makes and reads cursors: where a cut answer goes on. */
export interface Cursors {
  /** The cursor for row `offset` of the answer to this call. */
  make(tool: string, args: Readonly<Record<string, unknown>>, offset: number): string;
  /** @throws {ToolError} `invalid_argument` when it was not made for this tool and these arguments with this key */
  read(tool: string, args: Readonly<Record<string, unknown>>, cursor: string): number;
}

/**
 * Cursors hold no state: an offset and a signature over the call (HMAC-SHA256, 96 bits). Every replica that shares `key`
 * takes the cursors of the others.
 */
export function createCursors(key: Buffer): Cursors {
  const sign = (tool: string, args: Readonly<Record<string, unknown>>, offset: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tool, canonical(args), offset]))
      .digest()
      .subarray(0, 12);
  return {
    make: (tool, args, offset) => `${offset}.${sign(tool, args, String(offset)).toString('base64url')}`,
    read: (tool, args, cursor) => {
      const parts = /^(\d{1,9})\.([A-Za-z0-9_-]{16})$/.exec(cursor);
      const [, offset = '', signature = ''] = parts ?? [];
      const given = Buffer.from(signature, 'base64url');
      const right = sign(tool, args, offset);
      if (given.length !== right.length || !timingSafeEqual(given, right)) {
        throw invalidArgument(
          'cursor',
          'is not one of this call',
          'Repeat the call without cursor, or with the very arguments that gave it.',
        );
      }
      return Number(offset);
    },
  };
}

function canonical(args: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(args)
    .filter(([name, value]) => name !== 'cursor' && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
