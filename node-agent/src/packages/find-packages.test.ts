import { expect, test } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { findPackages } from './find-packages.ts';

const find = async (root: string, name?: string, limit = 100) =>
  findPackages(fixtureHost(root), name === undefined ? { limit } : { name, limit });

test('every architecture of a package is a row of its own, and holds are shown', async () => {
  const { packages, total } = await find('debian-12', '*lib*6');
  expect(packages.map(({ name, architecture }) => [name, architecture])).toEqual([
    ['libc6', 'amd64'],
    ['libc6', 'i386'],
  ]);
  expect(total).toBe(2);
  expect((await find('debian-12', 'KUBELET')).packages).toMatchObject([{ version: '1.31.2-1.1', held: true }]);
  expect((await find('rhel-9', 'kernel*')).packages).toMatchObject([{ version: '5.14.0-427.40.1.el9_4', held: true }]);
});

test('what is not installed any more is not found, and nothing found is an empty list', async () => {
  expect(await find('debian-12', 'exim4*')).toMatchObject({ packages: [], total: 0, truncated: false, missing: [] });
});

test('a limit cuts the list and says so', async () => {
  expect(await find('debian-12', undefined, 3)).toMatchObject({ total: 8, truncated: true });
});

test('pacman: the architecture comes from the description of what is shown', async () => {
  const { packages, missing } = await find('arch', '*z*');
  expect(packages).toEqual([
    { name: 'ca-certificates-mozilla', version: '3.106-1', architecture: 'x86_64', state: 'installed', held: false },
    { name: 'tzdata', version: '2024b-2', architecture: 'any', state: 'installed', held: false },
  ]);
  expect(missing).toEqual([]);
});

test.each([
  ['flatcar', 'unsupported', 'an image'],
  ['k3s', 'unsupported', 'ndb'],
])('%s: could not look', async (root, reason, says) => {
  await expect(find(root, 'openssl')).rejects.toMatchObject({ reason, message: expect.stringContaining(says) });
});
