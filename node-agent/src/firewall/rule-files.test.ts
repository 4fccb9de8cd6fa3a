import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { fixtureText } from '../../test/mutated-text.ts';
import { FactError } from '../fact-error.ts';
import { createHostReader } from '../host-reader.ts';
import { readRuleFiles } from './rule-files.ts';

async function read(host: string, overrides: Parameters<typeof fixtureHost>[1] = {}) {
  const files = createHostReader(fixtureHost(host, overrides));
  return { found: await readRuleFiles(files), missing: files.missing };
}

it('keeps IPv4 and IPv6 of iptables apart', async () => {
  const { found } = await read('no-systemd');
  expect(found.map(({ path, defaults }) => [path, defaults.ipv4.input, defaults.ipv6.input])).toEqual([
    ['/etc/iptables/rules-save', 'drop', null],
    ['/etc/iptables/rules6-save', null, 'accept'],
  ]);
});

it('takes the strictest of several nftables chains at one hook, for each family', async () => {
  const { found } = await read('debian-12', { '/etc/nftables.conf': fixtureText('nft/kubernetes.nft') });
  expect(found).toMatchObject([
    {
      path: '/etc/nftables.conf',
      format: 'nftables',
      rules: 14,
      defaults: {
        ipv4: { input: 'drop', forward: 'drop', output: 'accept' },
        ipv6: { input: 'drop', forward: null, output: null },
      },
    },
  ]);
});

it('names a file that is there and may not be read', async () => {
  const closed = new FactError('permission_denied', '/etc/sysconfig/iptables: EACCES');
  const { found, missing } = await read('rhel-9', { '/etc/sysconfig/iptables': closed });
  expect(found).toEqual([]);
  expect(missing).toMatchObject([{ what: '/etc/sysconfig/iptables', reason: 'permission_denied' }]);
});
