import { describe, expect, it } from 'vitest';
import { createCursors } from './cursor.ts';

const key = Buffer.alloc(32, 7);

describe('cursors', () => {
  it('lead back to their row on every replica that shares the key', () => {
    const cursor = createCursors(key).make('systemd.status', { unit: '*', node: undefined }, { table: 0, row: 40 });
    expect(createCursors(Buffer.from(key)).read('systemd.status', { unit: '*' }, cursor)).toEqual({
      table: 0,
      row: 40,
    });
    expect(cursor.length).toBeLessThan(24);
  });

  it('lead to a row of a later table', () => {
    const cursors = createCursors(key);
    const cursor = cursors.make('host.facts', {}, { table: 2, row: 7 });
    expect(cursors.read('host.facts', {}, cursor)).toEqual({ table: 2, row: 7 });
    expect(() => cursors.read('host.facts', {}, cursor.replace('2-', '1-'))).toThrow(/^cursor:/);
  });

  it.each([
    ['another tool', 'host.facts', { unit: '*' }],
    ['other arguments', 'systemd.status', { unit: 'x' }],
  ])('are refused for %s', (_, tool, args) => {
    const cursors = createCursors(key);
    const cursor = cursors.make('systemd.status', { unit: '*' }, { table: 0, row: 40 });
    expect(() => cursors.read(tool, args, cursor)).toThrow(/^cursor: is not one of this call/);
  });

  it.each(['', '40', '40.', '41.AAAAAAAAAAAAAAAA', '-1.AAAAAAAAAAAAAAAA', '9'.repeat(500), '40.\u0000'])(
    'refuse %j',
    (cursor) => {
      expect(() => createCursors(key).read('systemd.status', {}, cursor)).toThrow(/^cursor:/);
    },
  );

  it('refuse an offset that was changed', () => {
    const cursors = createCursors(key);
    const cursor = cursors.make('systemd.status', {}, { table: 0, row: 40 }).replace('40.', '80.');
    expect(() => cursors.read('systemd.status', {}, cursor)).toThrow(/^cursor:/);
  });
});
