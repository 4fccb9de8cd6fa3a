import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { createHostReader } from '../host-reader.ts';
import { readRunDirectory } from '../run-directory.ts';
import { decideReboot, type RebootSigns, readRebootSigns } from './reboot-required.ts';

const QUIET: RebootSigns = {
  sentinel: null,
  packages: null,
  wouldSay: false,
  runningKernel: '6.1.0-26-amd64',
  installedKernels: null,
};

describe('readRebootSigns', () => {
  const read = async (name: string, family: string[], overrides = {}) => {
    const files = createHostReader(fixtureHost(name, overrides));
    return readRebootSigns(files, await readRunDirectory(files), '1.0', family);
  };

  it('counts on the sentinel of a Debian only where something writes it', async () => {
    expect(await read('debian-12', ['debian'])).toMatchObject({ sentinel: null, wouldSay: false });
    expect(await read('kubeadm', ['ubuntu', 'debian'])).toMatchObject({ sentinel: null, wouldSay: true });
    expect(await read('kubeadm', ['ubuntu', 'debian'], { '/run': null })).toMatchObject({ wouldSay: false });
  });

  it("finds SUSE's sentinel", async () => {
    expect(await read('k3s', ['opensuse-leap', 'suse'])).toMatchObject({ sentinel: 'reboot-needed', wouldSay: true });
  });

  it('leaves out what removed kernels left behind', async () => {
    expect((await read('debian-12', ['debian'])).installedKernels).toEqual(['6.1.0-26-amd64', '6.1.0-28-amd64']);
  });
});

describe('decideReboot', () => {
  it('knows nothing where nothing says', () => {
    expect(decideReboot(QUIET)).toEqual({ required: null, why: null, packages: [] });
  });

  it('knows nothing of a kernel that is not among the installed ones', () => {
    expect(decideReboot({ ...QUIET, installedKernels: ['5.10.0-9-armmp'] }).required).toBeNull();
  });

  it('is false where the newest kernel runs', () => {
    const installedKernels = ['6.1.0-26-amd64', '6.1.0-25-amd64'];
    expect(decideReboot({ ...QUIET, installedKernels })).toMatchObject({
      required: false,
      why: 'the newest installed kernel runs',
    });
  });

  it('is false where the host writes a sentinel and there is none', () => {
    expect(decideReboot({ ...QUIET, wouldSay: true })).toMatchObject({ required: false, why: 'no sentinel file' });
  });

  it('names every reason, and packages once', () => {
    const signs = {
      ...QUIET,
      sentinel: 'reboot-required',
      packages: 'linux-base\nlibc6\n\nlinux-base\n',
      installedKernels: ['6.1.0-26-amd64', '6.1.0-27-amd64'],
    };
    expect(decideReboot(signs)).toEqual({
      required: true,
      why: 'sentinel file /run/reboot-required; newer kernel installed: 6.1.0-27-amd64',
      packages: ['libc6', 'linux-base'],
    });
  });
});
