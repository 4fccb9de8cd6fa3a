import { expect, it } from 'vitest';
import { fixtureHost } from '../test/fixture-host.ts';
import { createHostReader } from './host-reader.ts';
import { readRunDirectory } from './run-directory.ts';

const read = (name: string, overrides = {}) => readRunDirectory(createHostReader(fixtureHost(name, overrides)));

it('tells files from directories of the same name', async () => {
  const run = await read('ubuntu-24.04');
  expect(run.hasFile('reboot-required')).toBe(true);
  expect(run.has('lock')).toBe(true);
  expect(run.hasFile('lock')).toBe(false);
  expect(run.has('openrc')).toBe(false);
});

it.each([
  ['a whole /run', 'debian-12', {}, true],
  ['some mounts only', 'talos', {}, false],
  ['none', 'debian-12', { '/run': null }, false],
])('%s', async (_, name, overrides, isWhole) => {
  expect((await read(name, overrides)).isWhole).toBe(isWhole);
});
