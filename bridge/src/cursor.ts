import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidArgument } from './errors.ts';
import type { Position } from './render-answer.ts';

/** Makes and reads cursors: where a cut answer goes on. */
export interface Cursors {
  /** The cursor for a row of the answer to this call. */
  make(tool: string, args: Readonly<Record<string, unknown>>, position: Position): string;
  /** @throws {ToolError} `invalid_argument` when it was not made for this tool and these arguments with this key */
  read(tool: string, args: Readonly<Record<string, unknown>>, cursor: string): Position;
}

/**
 * Cursors hold no state: a position and a signature over the call (HMAC-SHA256, 96 bits). Every replica that shares `key`
 * takes the cursors of the others.
 */
export function createCursors(key: Buffer): Cursors {
  const sign = (tool: string, args: Readonly<Record<string, unknown>>, place: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tool, canonical(args), place]))
      .digest()
      .subarray(0, 12);
  return {
    make: (tool, args, { table, row }) => {
      const place = table === 0 ? String(row) : `${table}-${row}`;
      return `${place}.${sign(tool, args, place).toString('base64url')}`;
    },
    read: (tool, args, cursor) => {
      const parts = /^((?:(\d{1,3})-)?(\d{1,9}))\.([A-Za-z0-9_-]{16})$/.exec(cursor);
      const [, place = '', table = '0', row = '', signature = ''] = parts ?? [];
      const given = Buffer.from(signature, 'base64url');
      const right = sign(tool, args, place);
      if (given.length !== right.length || !timingSafeEqual(given, right)) {
        throw invalidArgument(
          'cursor',
          'is not one of this call',
          'Repeat the call without cursor, or with the very arguments that gave it.',
        );
      }
      return { table: Number(table), row: Number(row) };
    },
  };
}

function canonical(args: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(args)
    .filter(([name, value]) => name !== 'cursor' && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
