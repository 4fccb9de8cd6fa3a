import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { createHostReader } from '../host-reader.ts';
import { parseResolvConf, readDnsSettings } from './dns-settings.ts';

const text = await fixtureHost('debian-12').readText('/etc/resolv.conf');

it('takes the last search list and adds up servers and options', () => {
  expect(parseResolvConf(text)).toEqual({
    servers: ['10.20.0.2', '10.20.0.3', '2001:db8:a::53', '10.20.0.4'],
    search: ['example.org', 'lab.example.org'],
    options: ['timeout:2', 'attempts:1', 'rotate'],
  });
});

it('asks behind the stub of systemd-resolved, and says null where that does not tell', async () => {
  const upstream = async (over: Record<string, string | null>) =>
    (await readDnsSettings(createHostReader(fixtureHost('k3s', over))))?.upstream;
  expect(await upstream({})).toEqual(['192.168.1.1']);
  expect(await upstream({ '/run/systemd/resolve/resolv.conf': null })).toBe(null);
  expect(await upstream({ '/etc/resolv.conf': 'nameserver 9.9.9.9\n' })).toBe(null);
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(text), (changed) => {
      expect(parseResolvConf(changed).servers.every((server) => server !== '')).toBe(true);
    }),
    MUTATIONS,
  );
});
