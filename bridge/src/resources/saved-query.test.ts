import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSavedQuery } from './saved-query.ts';

const HEADER = '# title: Pods\n# description: All pods.\n';

function problemsOf(text: string, file = 'x.promql'): readonly string[] {
  const parsed = parseSavedQuery({ file, text });
  return 'problems' in parsed ? parsed.problems : [];
}

describe('parseSavedQuery', () => {
  it('reads header and query, comments and CRLF among them', () => {
    const text = [
      '# Asked for by those on call.',
      '# title: Pods  by CPU',
      '# description: What each uses: its CPU.',
      '#unit: cores',
      '# range: 6h',
      '# variables: namespace=kube-.* node=.*',
      '',
      'sum by (pod) (x{namespace=~"$namespace", # the one',
      '  node=~"$node"})',
      '',
    ].join('\r\n');
    expect(parseSavedQuery({ file: 'top-pods.promql', text })).toEqual({
      file: 'top-pods.promql',
      text,
      language: 'promql',
      title: 'Pods by CPU',
      description: 'What each uses: its CPU.',
      unit: 'cores',
      range: '6h',
      variables: new Map([
        ['namespace', 'kube-.*'],
        ['node', '.*'],
      ]),
      query: 'sum by (pod) (x{namespace=~"$namespace", # the one\n  node=~"$node"})',
    });
  });

  it.each([
    ['# title: Pods\nup', ['x.promql:1: no line "# description: …"']],
    ['up', ['x.promql:1: no line "# title: …"', 'x.promql:1: no line "# description: …"']],
    [
      `${HEADER}# titel: x\nup`,
      ['x.promql:3: no header "titel"; there are title, description, unit, range, variables'],
    ],
    [`${HEADER}# title: x\nup`, ['x.promql:3: a second title; the first is in line 1']],
    [`# title:\n# description: d\nup`, ['x.promql:1: title is empty']],
    [`# title: ${'x'.repeat(81)}\n# description: d\nup`, ['x.promql:1: title is 81 characters long; 80 are the most']],
    [`${HEADER}# range: soon\nup`, ['x.promql:3: "soon" is no time span; write it like 1h or 7d']],
    [`${HEADER}# variables: ns\nx`, ['x.promql:3: "ns" is no variable; write it like namespace=.*']],
    [`${HEADER}# variables: a=1 a=2\nx{a="$a"}`, ['x.promql:3: variable a twice']],
    [`${HEADER}# variables: range=1h\nx`, ['x.promql:3: range is no variable; its preset is the line "# range: …"']],
    [`${HEADER}# variables: a=1\nx`, ['x.promql:3: variable a is not in the query']],
    [`${HEADER}x{a="$b"}`, ['x.promql:3: $b is not among "# variables: …"']],
    [`${HEADER}# variables: b=1\n\nx\n  > $b`, ['x.promql:6: $b must stand in double quotes']],
    [`${HEADER}rate(x[$range])`, ['x.promql:3: [$range] needs a line "# range: …"']],
    [`${HEADER}# range: 1h\nx offset $range`, ['x.promql:4: $range must stand in brackets: [$range]']],
    [`${HEADER}x{a="b}`, ['x.promql:3: a quote that nothing closes']],
    [HEADER, ['x.promql:3: no query after the header']],
    [`${HEADER}# only this`, ['x.promql:3: no query after the header']],
    ['', ['no line "# title', 'no line "# description', 'no query']],
    [`${HEADER}up{a="\u202e"}`, ['x.promql:3: an invisible character']],
    [`${HEADER}\u0000`, ['x.promql:3: an invisible character']],
  ])('says what is wrong with %j, and where', (text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toEqual(expected.map((part) => expect.stringContaining(part)));
  });

  it.each(['X.promql', '-x.promql', 'x.txt', 'a b.logql', '../x.promql', `${'x'.repeat(70)}.promql`, '.promql'])(
    'refuses the name %s',
    (file) => {
      expect(problemsOf(`${HEADER}up`, file)).toEqual([
        `${file}: the name must be of a-z, 0-9 and -, and end in .promql or .logql`,
      ]);
    },
  );

  it('takes any text, as a query or with a problem that has a line', () => {
    const piece = fc.constantFrom(
      '# title: t\n',
      '# description: d\n',
      '# variables: a=1\n',
      '"',
      '`',
      '$a',
      '[$range]',
      '#',
      '\n',
      'x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const parsed = parseSavedQuery({ file: 'x.logql', text });
          if ('problems' in parsed) for (const problem of parsed.problems) expect(problem).toMatch(/^x\.logql:\d+: \S/);
          else expect(text.replace(/\r\n/g, '\n')).toContain(parsed.query);
        },
      ),
    );
  });
});
