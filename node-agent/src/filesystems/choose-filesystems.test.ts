import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { chooseFilesystems } from './choose-filesystems.ts';
import { parseMountTable } from './mount-table.ts';

const choose = (lines: readonly string[]) => chooseFilesystems(parseMountTable(lines.join('\n')).mounts);
const chooseOf = async (name: string) => choose((await fixtureHost(name).readText('/proc/1/mountinfo')).split('\n'));
const ROOT = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';

it('of a node with many pods keeps the host’s own, and counts the rest', async () => {
  const { chosen, excluded } = await chooseOf('kubeadm');
  expect(chosen.map(({ mount }) => mount.mountPoint).sort()).toEqual([
    '/',
    '/boot/efi',
    '/dev/shm',
    '/run',
    '/run/lock',
    '/var/lib/containerd',
    '/var/lib/kubelet/plugins/kubernetes.io/csi/ebs.csi.aws.com/4f0c/globalmount',
  ]);
  expect(excluded).toEqual({ pseudo: 7, container: 49, image: 2, duplicate: 0, hidden: 0 });
  expect(excluded.pseudo + excluded.container + excluded.image + chosen.length).toBe(65);
});

it('names network file systems, and what can only be reached through one', async () => {
  const { chosen } = await chooseOf('debian-12');
  expect(chosen.filter(({ remote }) => remote !== null).map(({ mount, remote }) => [mount.mountPoint, remote])).toEqual(
    [
      ['/srv/nfs', 'nfs4 is never asked'],
      ['/srv/nfs/cache', 'lies in the network file system /srv/nfs'],
      ['/home/ops/remote', 'fuse.sshfs is never asked'],
    ],
  );
});

it('reports a file system once, under its shortest mount point, with how many it has', async () => {
  const { chosen, excluded } = await chooseOf('debian-12');
  expect(chosen.find(({ mount }) => mount.mountPoint === '/')?.mounts).toBe(2);
  expect(excluded.duplicate).toBe(1);
  const k3s = await chooseOf('k3s');
  expect(k3s.chosen.find(({ mount }) => mount.fsType === 'btrfs')).toMatchObject({
    mount: { mountPoint: '/' },
    mounts: 3,
  });
  expect(k3s.chosen.find(({ mount }) => mount.mountPoint === '/data')?.mount.source).toBe('/dev/sdb1');
  expect(k3s.excluded.hidden).toBe(1);
});

it.each([
  ['the directory of images on a disk of its own', '8:9 / /var/lib/docker rw - ext4 /dev/sdb rw', 'chosen'],
  ['a layer below it', '0:50 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw', 'container'],
  ['a neighbour with a longer name', '8:9 / /var/lib/docker-data rw - ext4 /dev/sdb rw', 'chosen'],
  ['an overlay of the system', '0:50 / /etc/cni rw - overlay overlay rw', 'duplicate'],
  ['shared memory', '0:50 / /dev/shm rw - tmpfs tmpfs rw', 'chosen'],
  ['a tmpfs below /sys', '0:50 / /sys/fs/cgroup rw - tmpfs tmpfs rw', 'pseudo'],
  ['an automounter’s trigger', '0:50 / /home rw - autofs auto.home rw', 'pseudo'],
  ['a DVD', '11:0 / /media/cdrom ro - iso9660 /dev/sr0 ro', 'image'],
])('%s', (_, rest, outcome) => {
  const { chosen, excluded } = choose([ROOT, `2 1 ${rest}`]);
  expect(chosen).toHaveLength(outcome === 'chosen' ? 2 : 1);
  if (outcome !== 'chosen') expect(excluded).toMatchObject({ [outcome]: 1 });
});

it('keeps an overlay that is the root, and refuses to touch anything below a root on a network', () => {
  expect(choose(['1 0 0:30 / / rw - overlay overlay rw']).chosen).toHaveLength(1);
  const { chosen } = choose(['1 0 0:30 / / rw - nfs4 server:/root rw', '2 1 8:1 / /data rw - ext4 /dev/sda1 rw']);
  expect(chosen.map(({ remote }) => remote)).toEqual(['nfs4 is never asked', 'lies in the network file system /']);
});
