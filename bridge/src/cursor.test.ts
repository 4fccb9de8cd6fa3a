import { describe, expect, it } from 'vitest';
import { createCursors } from './cursor.ts';

const key = Buffer.alloc(32, 7);

describe('cursors', () => {
  it('lead back to their row on every replica that shares the key', () => {
    const cursor = createCursors(key).make('systemd.status', { unit: '*', node: undefined }, 40);
    expect(createCursors(Buffer.from(key)).read('systemd.status', { unit: '*' }, cursor)).toBe(40);
    expect(cursor.length).toBeLessThan(24);
  });

  it.each([
    ['another tool', 'host.facts', { unit: '*' }],
    ['other arguments', 'systemd.status', { unit: 'x' }],
  ])('are refused for %s', (_, tool, args) => {
    const cursors = createCursors(key);
    const cursor = cursors.make('systemd.status', { unit: '*' }, 40);
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
    const cursor = cursors.make('systemd.status', {}, 40).replace('40.', '80.');
    expect(() => cursors.read('systemd.status', {}, cursor)).toThrow(/^cursor:/);
  });
});
