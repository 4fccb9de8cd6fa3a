import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { mutatedText } from '../../test/mutated-text.ts';
import { chooseFilesystems } from './choose-filesystems.ts';
import { parseMountTable, unescapeMount, visibleMounts } from './mount-table.ts';
import { judgeReadOnly, optionsOfNote } from './read-only.ts';

const NAMES = ['debian-12', 'rhel-9', 'kubeadm', 'k3s', 'talos'];
const tableOf = (name: string) => fixtureHost(name).readText('/proc/1/mountinfo');

it.each(NAMES)('reads every line of %s', async (name) => {
  const text = await tableOf(name);
  const { mounts, malformed } = parseMountTable(text);
  expect(malformed).toBe(0);
  expect(mounts).toHaveLength(text.split('\n').length);
});

it('reads a line in full, with its escapes', async () => {
  const { mounts } = parseMountTable(await tableOf('debian-12'));
  expect(mounts.find(({ id }) => id === 97)).toEqual({
    id: 97,
    parentId: 28,
    device: '254:16',
    mountPoint: '/srv/My Data\\x',
    options: ['rw', 'nosuid', 'nodev', 'noexec', 'noatime'],
    fsType: 'ext4',
    source: '/dev/vdb',
    superOptions: ['rw', 'discard', 'prjquota'],
  });
});

it.each([
  ['/a\\040b', '/a b'],
  ['/a\\011b\\012c', '/a\tb\nc'],
  ['/a\\134040', '/a\\040'],
  ['/a\\999', '/a\\999'],
  ['\\043', '#'],
])('unescapes %s', (escaped, text) => {
  expect(unescapeMount(escaped)).toBe(text);
});

it('has a place for any number of optional fields, and for an empty source', () => {
  const lines = [
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
    '2 1 8:2 / /a rw shared:1 master:2 propagate_from:3 unbindable - ext4 /dev/sda2 rw',
    '3 1 0:9 / /b rw - tmpfs  rw',
    'nonsense',
    '4 1 8:3 / relative rw - ext4 /dev/sda3 rw',
  ];
  const { mounts, malformed } = parseMountTable(lines.join('\n'));
  expect(mounts.map(({ mountPoint, source }) => [mountPoint, source])).toEqual([
    ['/', '/dev/sda1'],
    ['/a', '/dev/sda2'],
    ['/b', ''],
  ]);
  expect(malformed).toBe(2);
});

it('knows what is covered: by a mount on top, by one over a directory above, by a second root', () => {
  const { mounts } = parseMountTable(
    [
      '1 0 0:2 / / rw - rootfs rootfs rw',
      '2 1 8:1 / / rw - ext4 /dev/root rw',
      '3 2 8:2 / /data rw - ext4 covered rw',
      '4 3 8:3 / /data rw - ext4 top rw',
      '5 3 8:4 / /data/sub rw - ext4 below-the-covered-one rw',
      '6 2 8:5 / /a/b/c rw - ext4 deep rw',
      '7 2 8:6 / /a rw - ext4 over-a rw',
      '8 7 8:7 / /a/b rw - ext4 on-over-a rw',
    ].join('\n'),
  );
  expect(visibleMounts(mounts).map(({ source }) => source)).toEqual(['/dev/root', 'top', 'over-a', 'on-over-a']);
});

it('hides nothing of a table without a root', () => {
  const { mounts } = parseMountTable('7 3 8:1 / /data rw - ext4 /dev/sda1 rw');
  expect(visibleMounts(mounts)).toHaveLength(1);
});

it('never chokes on a damaged table, and makes of it no more than there is', async () => {
  const text = (await tableOf('debian-12')) + (await tableOf('kubeadm')).slice(0, 2000);
  fc.assert(
    fc.property(mutatedText(text), (mutated) => {
      const { mounts, malformed } = parseMountTable(mutated);
      const { chosen, excluded } = chooseFilesystems(mounts);
      const counted = Object.values(excluded).reduce((sum, count) => sum + count, 0) + chosen.length;
      if (mounts.length + malformed > mutated.split('\n').length || counted !== mounts.length) throw new Error(mutated);
      for (const mount of mounts) {
        judgeReadOnly(mount, new Set());
        optionsOfNote(mount);
      }
    }),
    { numRuns: 10_000 },
  );
}, 20_000);

it('takes a table of 20,000 mounts, and one made to be deep, in reasonable time', () => {
  const many = Array.from(
    { length: 20_000 },
    (_, index) => `${index + 2} 1 0:${index + 9} / /m/${index} rw - tmpfs t rw`,
  );
  const deep = Array.from(
    { length: 250 },
    (_, index) => `${index + 2} 1 0:${index} / /${'d/'.repeat(2000)}${index} rw - tmpfs t rw`,
  );
  const startedAt = performance.now();
  for (const lines of [many, deep]) {
    const { mounts } = parseMountTable(['1 0 8:1 / / rw - ext4 /dev/sda1 rw', ...lines].join('\n'));
    expect(chooseFilesystems(mounts).chosen.length).toBe(lines.length + 1);
  }
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
