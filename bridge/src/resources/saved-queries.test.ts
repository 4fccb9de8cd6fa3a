import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { redact } from '../redact.ts';
import { type CatalogueReport, createSavedQueries } from './saved-queries.ts';
import { shippedFiles } from './shipped-files.ts';

const text = (title: string) => `# title: ${title}\n# description: d\nup\n`;
const SHIPPED = [
  { file: 'a.promql', text: text('shipped a') },
  { file: 'c.promql', text: text('shipped c') },
];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'telemcp-saved-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const put = (file: string, content: string) => writeFileSync(join(directory, file), content);

function open() {
  const time = { now: 0 };
  const reports: CatalogueReport[] = [];
  const { all } = createSavedQueries({
    shipped: SHIPPED,
    directory,
    onChange: (report) => reports.push(report),
    clock: () => time.now,
  });
  const titles = async () => (await all()).map(({ title, origin }) => `${title} (${origin})`);
  const later = () => {
    time.now += 5000;
    return titles();
  };
  return { titles, later, reports, time };
}

describe('createSavedQueries', () => {
  it('serves shipped ones alone where there is no directory', async () => {
    const onChange = vi.fn();
    const { all } = createSavedQueries({ shipped: SHIPPED, directory: null, onChange });
    expect((await all()).map(({ file }) => file)).toEqual(['a.promql', 'c.promql']);
    expect(onChange).not.toHaveBeenCalled();
  });

  it('adds the good ones of the operator, reports the bad ones at once, says what is replaced', async () => {
    put('b.promql', text('own b'));
    put('c.promql', text('own c'));
    put('a.promql', '# title: own a\nup');
    put('d.logql', '{');
    const { titles, reports } = open();
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]).toEqual({
      problems: [
        `${directory}: a.promql:1: no line "# description: …"`,
        `${directory}: d.logql:1: no line "# title: …"`,
        `${directory}: d.logql:1: no line "# description: …"`,
      ],
      replaced: ['c.promql'],
    });
    expect(await titles()).toEqual(['shipped a (shipped)', 'own b (added)', 'own c (replaced)']);
  });

  it('looks again after 5 s, not before, and reports what changed only', async () => {
    put('b.promql', text('own b'));
    const { titles, later, reports, time } = open();
    expect(await titles()).toContain('own b (added)');
    put('b.promql', text('new b'));
    time.now += 4999;
    expect(await titles()).toContain('own b (added)');
    expect(await later()).toContain('new b (added)');
    expect(reports).toEqual([]);
    put('b.promql', 'up');
    expect(await later()).toEqual(['shipped a (shipped)', 'shipped c (shipped)']);
    await later();
    expect(reports).toHaveLength(1);
    put('b.promql', text('mended b'));
    expect(await later()).toContain('mended b (added)');
    expect(reports.at(-1)).toEqual({ problems: [], replaced: [] });
  });

  it('keeps what it had while the directory is away, and says that once', async () => {
    put('b.promql', text('own b'));
    const { titles, later, reports } = open();
    await titles();
    renameSync(directory, `${directory}.away`);
    expect(await later()).toContain('own b (added)');
    await later();
    expect(reports).toEqual([{ problems: [`${directory} does not exist`], replaced: [] }]);
    mkdirSync(directory);
    rmSync(`${directory}.away`, { recursive: true });
    expect(await later()).toEqual(['shipped a (shipped)', 'shipped c (shipped)']);
  });

  it('shares one look between those who ask at once', async () => {
    for (let index = 0; index < 50; index += 1) put(`q${index}.promql`, text(`q${index}`));
    const { titles } = open();
    const answers = await Promise.all(Array.from({ length: 20 }, () => titles()));
    expect(new Set(answers.map((each) => each.length))).toEqual(new Set([52]));
  });

  it('does not start with a shipped file that is wrong', () => {
    expect(() =>
      createSavedQueries({ shipped: [{ file: 'a.promql', text: 'up' }], directory: null, onChange: () => undefined }),
    ).toThrow('a shipped query is wrong: a.promql:1: no line "# title: …"');
  });
});

describe('the shipped queries', () => {
  it('are at least 20 of PromQL and some of LogQL, each with a title of its own', async () => {
    const queries = await createSavedQueries({
      shipped: shippedFiles(),
      directory: null,
      onChange: () => undefined,
    }).all();
    expect(queries.filter(({ language }) => language === 'promql').length).toBeGreaterThanOrEqual(20);
    expect(queries.filter(({ language }) => language === 'logql').length).toBeGreaterThanOrEqual(5);
    expect(new Set(queries.map(({ title }) => title)).size).toBe(queries.length);
  });

  it('have no words that gateways refuse, and nothing that is taken for a secret', () => {
    for (const { file, text: whole } of shippedFiles()) {
      expect(redact(whole), file).toBe(whole);
      expect(/^# (?:title|description): .*(?:[|;<>]|&&|\$\()/m.exec(whole)?.[0], file).toBeUndefined();
    }
  });
});
