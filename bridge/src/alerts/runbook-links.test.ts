import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortenLinks } from './runbook-links.ts';

const alert = (name: string, link: string | null) => ({ name, link });

describe('shortenLinks', () => {
  it('says the place once, and the name of the alert not at all where every link ends with it', () => {
    expect(
      shortenLinks([
        alert('KubePodNotReady', 'https://runbooks.example/runbooks/kubernetes/kubepodnotready'),
        alert('NodeDown', 'https://runbooks.example/runbooks/node/nodedown'),
        alert('Own', null),
      ]),
    ).toEqual({
      pattern: 'https://runbooks.example/runbooks/{runbook}/{alert in small letters}',
      rests: ['kubernetes', 'node', null],
    });
  });

  it('says the name where one link has another', () => {
    expect(
      shortenLinks([
        alert('NodeDown', 'https://wiki.example/ops/nodedown'),
        alert('PodDown', 'https://wiki.example/ops/pods#down'),
      ]),
    ).toEqual({ pattern: 'https://wiki.example/ops/{runbook}', rests: ['nodedown', 'pods#down'] });
  });

  it.each([
    [[alert('A', 'https://wiki.example/ops/a')]],
    [[alert('A', 'https://a.example/ops'), alert('B', 'https://b.example/ops')]],
    [[alert('A', 'see the wiki'), alert('B', 'see the other wiki')]],
    [[alert('A', null)]],
    [[]],
  ])('leaves links whole that have no place in common (%#)', (alerts) => {
    expect(shortenLinks(alerts)).toEqual({ pattern: null, rests: alerts.map(({ link }) => link) });
  });

  it('loses nothing: pattern, rest and name give every link back', () => {
    const part = fc.constantFrom('a', 'bc', 'Wiki', 'ops', '');
    const link = fc.tuple(part, part, part).map((parts) => `https://runbooks.example/${parts.join('/')}`);
    const given = fc.record({ name: fc.constantFrom('Bc', 'A', 'OPS'), link: fc.option(link) });
    fc.assert(
      fc.property(fc.array(given), (alerts) => {
        const { pattern, rests } = shortenLinks(alerts);
        const whole = rests.map((rest, index) =>
          rest === null
            ? null
            : (pattern ?? '{runbook}')
                .replace('{runbook}', rest)
                .replace('{alert in small letters}', alerts[index]?.name.toLowerCase() ?? ''),
        );
        expect(whole).toEqual(alerts.map(({ link: own }) => own));
      }),
    );
  });
});
