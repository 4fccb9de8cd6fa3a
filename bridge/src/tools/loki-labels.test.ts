import { describe, expect, it } from 'vitest';
import { structuredLimit, tokensOfTool } from '../../test/ask-tool.ts';
import { lokiRecording } from '../../test/canned-server.ts';
import { askLoki } from '../../test/loki/ask-loki.ts';
import { journalStreams, longStream, RECORDED_AT, shopStreams } from '../../test/loki/seed-streams.ts';
import { inputJsonSchema } from '../tool-arguments.ts';
import { lokiLabels } from './loki-labels.ts';

const all = [...shopStreams(), ...journalStreams(), longStream(100)];

describe('loki.labels', () => {
  it('has every label with its values, and queries of a unit on a node and of a pod that have lines', async () => {
    const { labels, query } = await askLoki(all);
    const asked = await labels();
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-labels.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
    expect(asked.structuredTokens).toBeLessThanOrEqual(structuredLimit(asked));
    for (const next of asked.answer.next ?? [])
      expect((await query('', next.arguments)).text).toMatch(/\d+ lines in 1 stream/);
    expect(asked.answer.next).toHaveLength(2);
  });

  it('has the values of one label, the largest first', async () => {
    const { labels } = await askLoki(all);
    await expect((await labels({ label: 'app' })).text).toMatchFileSnapshot('../../test/golden/loki-label-values.txt');
    const { text } = await labels({ label: 'pod', match: '{namespace="shop"} |= "ignored"' });
    expect(text).toContain('pod in {namespace="shop"} ·');
    expect(text).toMatch(/\ncart-7d9f-0 3\.\dKiB\nweb-7d9f-1 3\.\dKiB\n/);
  });

  it('has the streams of a selector, also of one without its braces', async () => {
    const { labels } = await askLoki(all);
    const asked = await labels({ match: 'job="systemd-journal"' });
    await expect(asked.text).toMatchFileSnapshot('../../test/golden/loki-streams.txt');
    expect(asked.tokens).toBeLessThanOrEqual(800);
  });

  it('pages through many values, with their number', async () => {
    const lines = [{ time: RECORDED_AT - 1n, line: 'x' }];
    const { labels } = await askLoki(
      Array.from({ length: 200 }, (_, index) => ({ labels: { pod: `p${String(index).padStart(3, '0')}` }, lines })),
    );
    const { text } = await labels({ label: 'pod' });
    expect(text).toContain('200 values');
    expect(text).toContain('shown 30 of 200, largest first');
    expect(text).toContain('cursor=');
    const streams = await labels({ match: '{pod=~".+"}' });
    expect(streams.text).toContain('streams (shown 20 of 200):');
    expect(streams.text).toContain('pod 200 p000, p001, p002 …');
  });

  it('does not take a volume that is not told for none', async () => {
    const { labels } = await askLoki(all, { isOld: true });
    const { text } = await labels({ label: 'namespace' });
    expect(text).toMatch(/\nshop -\n/);
    expect(text).toContain('of 4 of them this Loki does not tell the volume.');
  });

  it('says what there is where there is nothing', async () => {
    const { labels } = await askLoki(all);
    expect((await labels({ label: 'podname' })).text).toMatch(/no values\nnote: .* has a label podname; near it: pod/);
    expect((await labels({ match: '{app="crt"}' })).text).toMatch(/no streams\nnote: .*app there: cart/);
    expect((await labels({ since: '1s', label: 'node' })).text).toContain(
      'no values\nnote: no stream of this window has a label node; there are app,',
    );
  });

  it('mends a selector that Loki cannot read', async () => {
    const { labels } = await askLoki(all);
    await expect(labels({ match: '{app=cart}' })).rejects.toMatchObject({
      code: 'bad_query',
      hint: 'This runs: {app="cart"}',
    });
    await expect(labels({ match: '{app="cart"' })).rejects.toMatchObject({ hint: 'This runs: {app="cart"}' });
  });

  it('is an error where Loki refuses, not an empty list', async () => {
    const { labels } = await askLoki(all, { instead: () => ({ status: 401, type: 'text/plain', body: 'no org id' }) });
    for (const args of [{}, { label: 'app' }, { match: '{app="cart"}' }])
      await expect(labels(args)).rejects.toMatchObject({ code: 'denied' });
  });

  it('reads what a real Loki answers', async () => {
    const { labels } = await askLoki([], {
      instead: ({ path }) =>
        path.endsWith('/labels')
          ? lokiRecording('labels')
          : path.endsWith('/values')
            ? lokiRecording('label-values')
            : lokiRecording('series'),
    });
    expect((await labels()).text).toContain('namespace 5 cart, ledger, node-agent …');
  });

  it('costs few tokens', () => {
    expect(tokensOfTool(lokiLabels)).toBeLessThanOrEqual(200);
    expect(JSON.stringify([lokiLabels.description, inputJsonSchema(lokiLabels)])).not.toMatch(/[|;<>]|&&|\$\(/);
  });
});
