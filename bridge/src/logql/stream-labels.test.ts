import { describe, expect, it } from 'vitest';
import type { LokiStream } from '../upstreams/loki-result.ts';
import { nameStreams, sourceStreams } from './stream-labels.ts';

function stream(labels: Record<string, string>, ...lines: readonly string[]): LokiStream {
  return { labels, entries: lines.map((line, index) => ({ time: BigInt(index), line, metadata: {}, parsed: {} })) };
}

describe('sourceStreams', () => {
  it('puts together what an old Loki took apart by parsed fields and levels', () => {
    const found = sourceStreams([
      stream({ app: 'cart', detected_level: 'info', msg: 'a', status: '200' }, '{"msg":"a","status":200}'),
      stream({ app: 'cart', detected_level: 'error', msg: 'b', status: '500' }, '{"msg":"b","status":500}'),
      stream({ app: 'web', detected_level: 'info', msg: 'a', status: '200' }, 'msg=a status=200'),
    ]);
    expect(
      found.map(({ labels, entries }) => [labels, entries.map(({ metadata }) => metadata.detected_level)]),
    ).toEqual([
      [{ app: 'cart' }, ['info', 'error']],
      [{ app: 'web' }, ['info']],
    ]);
  });

  it('keeps a label that lines mention now and then', () => {
    const found = sourceStreams([
      stream({ app: 'cart' }, 'app=cart started', 'and runs'),
      stream({ app: 'web' }, 'app=web x'),
    ]);
    expect(found.map(({ labels }) => labels)).toEqual([{ app: 'cart' }, { app: 'web' }]);
  });
});

describe('nameStreams', () => {
  it('says once what all have, not what the query says, and of each what tells it apart', () => {
    const names = nameStreams(
      [
        stream({ namespace: 'shop', container: 'main', pod: 'a', app: 'cart', service_name: 'cart' }),
        stream({ namespace: 'shop', container: 'main', pod: 'b', app: 'cart', service_name: 'cart' }),
      ],
      new Set(['namespace']),
    );
    expect(names).toEqual({ common: 'app=cart, container=main', names: ['pod=a', 'pod=b'], brief: ['a', 'b'] });
  });

  it('takes the service for news where no other label says it', () => {
    expect(nameStreams([stream({ pod: 'a', service_name: 'shop' })], new Set()).common).toBe(
      'pod=a, service_name=shop',
    );
    expect(nameStreams([stream({ pod: 'a', service_name: 'unknown_service' })], new Set()).common).toBe('pod=a');
  });

  it('leaves paths of files out unless nothing else tells streams apart', () => {
    const path = (name: string) => `/var/log/pods/${'x'.repeat(80)}/${name}/0.log`;
    const both = [
      { pod: 'a', filename: path('a') },
      { pod: 'b', filename: path('b') },
    ];
    expect(
      nameStreams(
        both.map((labels) => stream(labels)),
        new Set(),
      ).names,
    ).toEqual(['pod=a', 'pod=b']);
    const alike = both.map(({ filename }) => stream({ filename }));
    expect(nameStreams(alike, new Set()).names).toEqual([`filename=${path('a')}`, `filename=${path('b')}`]);
  });

  it('has a brief name for a stream that lacks the label of the others', () => {
    expect(nameStreams([stream({ pod: 'a', app: 'x' }), stream({ app: 'y' })], new Set()).brief).toEqual([
      'a',
      'app=y',
    ]);
  });
});
