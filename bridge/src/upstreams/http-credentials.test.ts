import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createHttpCredentials } from './http-credentials.ts';
import { openSecretFile } from './secret-file.ts';

let directory: string;
let path: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'http-credentials-'));
  path = join(directory, 'secret');
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function credentials(kind: 'bearer' | 'basic', text: string, tenant: string | null = null) {
  writeFileSync(path, text);
  const file = await openSecretFile({ setting: 'FILE', path });
  const problems: string[] = [];
  const made = createHttpCredentials({
    tenant,
    bearer: kind === 'bearer' ? file : null,
    basic: kind === 'basic' ? { username: 'jörg', password: file } : null,
    onProblem: (problem) => problems.push(problem),
  });
  return { made, problems };
}

it('sends a token, a name and password in UTF-8, and a tenant', async () => {
  const bearer = await credentials('bearer', 'abc\n', 'team-a');
  expect(await bearer.made.headers()).toEqual({ authorization: 'Bearer abc', 'x-scope-orgid': 'team-a' });
  const basic = await credentials('basic', 'pä:ss');
  const sent = (await basic.made.headers()).authorization ?? '';
  expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe('jörg:pä:ss');
  const tenant = createHttpCredentials({ tenant: 'a|b', bearer: null, basic: null, onProblem: () => undefined });
  expect(await tenant.headers()).toEqual({ 'x-scope-orgid': 'a|b' });
});

it('looks at its file again two seconds later, not with every request', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { made } = await credentials('bearer', 'old');
  writeFileSync(path, 'new');
  expect(await made.headers()).toEqual({ authorization: 'Bearer old' });
  vi.advanceTimersByTime(2000);
  expect(await made.headers()).toEqual({ authorization: 'Bearer new' });
});

it('has another revision when a look at once brought something new', async () => {
  const { made } = await credentials('bearer', 'old');
  const first = made.revision();
  await made.refresh();
  expect(made.revision()).toBe(first);
  writeFileSync(path, 'new');
  await Promise.all([made.refresh(), made.refresh()]);
  expect(made.revision()).not.toBe(first);
  expect(await made.headers()).toEqual({ authorization: 'Bearer new' });
});

it('keeps what it had when the file is gone, and tells that once', async () => {
  const { made, problems } = await credentials('basic', 'secret');
  const before = await made.headers();
  rmSync(path);
  await made.refresh();
  await made.refresh();
  expect(await made.headers()).toEqual(before);
  expect(made.problem()).toBe(`FILE: ${path}: there is no such file`);
  expect(problems).toEqual([`FILE: ${path}: there is no such file`]);
  writeFileSync(path, 'secret');
  await made.refresh();
  expect(made.problem()).toBeNull();
});

it('takes its secrets out of a text, as they are and as they are sent', async () => {
  const { made } = await credentials('basic', 'hunter2');
  const sent = Buffer.from('jörg:hunter2').toString('base64');
  expect(made.conceal(`no user hunter2 by ${sent}`)).toBe('no user [redacted] by [redacted]');
});
