import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recording } from '../../../test/kubernetes/recordings.ts';
import { isObject, listAt } from '../json.ts';
import { readEvent } from './event.ts';

describe('readEvent', () => {
  const core = {
    metadata: { name: 'ev-1', namespace: 'shop', creationTimestamp: '2026-11-22T12:27:09Z' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'cart-0', apiVersion: 'v1' },
    reason: 'Unhealthy',
    message: 'Readiness probe failed',
    firstTimestamp: '2026-11-22T12:20:00Z',
    lastTimestamp: '2026-11-22T12:26:49Z',
    count: 12,
    type: 'Warning',
    eventTime: null,
  };
  const read = {
    namespace: 'shop',
    group: '',
    kind: 'Pod',
    name: 'cart-0',
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Readiness probe failed',
    first: Date.parse('2026-11-22T12:20:00Z'),
    last: Date.parse('2026-11-22T12:26:49Z'),
    count: 12,
  };

  it('reads what a kubelet reports', () => {
    expect(readEvent(core)).toEqual(read);
  });

  it('reads the same object from events.k8s.io/v1', () => {
    const { involvedObject, message, count, firstTimestamp, lastTimestamp, ...rest } = core;
    const event = readEvent({
      ...rest,
      regarding: involvedObject,
      note: message,
      deprecatedCount: count,
      deprecatedFirstTimestamp: firstTimestamp,
      deprecatedLastTimestamp: lastTimestamp,
    });
    expect(event).toEqual(read);
  });

  it.each([
    ['involvedObject', 'message'],
    ['regarding', 'note'],
  ])('takes time and count from the series of a new reporter (%s)', (about, words) => {
    const event = readEvent({
      metadata: { creationTimestamp: '2026-11-22T12:00:00Z' },
      [about]: core.involvedObject,
      [words]: 'not scheduled',
      firstTimestamp: null,
      lastTimestamp: null,
      deprecatedCount: 0,
      count: 0,
      eventTime: '2026-11-22T12:00:00.123456Z',
      series: { count: 40, lastObservedTime: '2026-11-22T12:59:00.000000Z' },
      reason: 'FailedScheduling',
      type: 'Warning',
    });
    expect(event).toMatchObject({ message: 'not scheduled', count: 40, last: Date.parse('2026-11-22T12:59:00Z') });
    expect(event.first).toBe(Date.parse('2026-11-22T12:00:00.123Z'));
  });

  it('falls back to when the object was made, and says when there is no time at all', () => {
    const { firstTimestamp: _, lastTimestamp: __, ...timeless } = core;
    expect(readEvent(timeless)).toMatchObject({ last: Date.parse('2026-11-22T12:27:09Z') });
    expect(readEvent({ ...timeless, metadata: {}, eventTime: 'yesterday' })).toMatchObject({ last: null, first: null });
  });

  it.each([
    ['events-core-list', 40],
    ['events-v1-list', 20],
  ])('reads all that a real server has in %s', (name, count) => {
    const items = listAt(recording(name).body, 'items');
    const events = items.flatMap((item) => (isObject(item) ? [readEvent(item)] : []));
    expect(events).toHaveLength(count);
    for (const event of events) {
      expect(event).toMatchObject({ kind: 'Pod', type: 'Warning', last: Date.parse('2026-11-22T12:26:49Z') });
      expect(event.name).toMatch(/^app-\d+-x-\d+$/);
      expect(event.message).toMatch(
        /^(Readiness probe failed: connection refused|Back-off restarting failed container main)$/,
      );
    }
    expect(Math.max(...events.map((event) => event.count))).toBe(13);
  });

  it('knows that a node lives in no namespace', () => {
    expect(
      readEvent({ ...core, involvedObject: { kind: 'Node', name: 'node-0007', namespace: '' } }).namespace,
    ).toBeNull();
  });

  it('counts every event at least once, whatever it is made of', () => {
    const names = [
      'involvedObject',
      'regarding',
      'count',
      'series',
      'deprecatedCount',
      'lastTimestamp',
      'message',
      'type',
    ];
    const junk = fc.dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 8 });
    fc.assert(
      fc.property(junk, (object) => {
        const event = readEvent(JSON.parse(JSON.stringify(object)));
        expect(event.count).toBeGreaterThanOrEqual(1);
        expect([event.kind, event.name, event.message, event.type].every((text) => typeof text === 'string')).toBe(
          true,
        );
        expect(event.last === null).toBe(event.first === null);
      }),
    );
  });
});
