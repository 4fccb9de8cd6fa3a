import type { DnsSettings } from '@telemcp/shared/facts/network';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';

/** Longer lists help nobody: the resolver takes three servers, Kubernetes 32 search domains. */
const MAX_ENTRIES = 32;

/** resolv.conf(5): the last `domain` or `search` line counts, servers and options add up. */
export function parseResolvConf(text: string): Omit<DnsSettings, 'upstream'> {
  const servers: string[] = [];
  const options: string[] = [];
  let search: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...words] = plainText(line).split(' ').filter(Boolean);
    const first = words[0];
    if (keyword === 'nameserver' && first !== undefined) servers.push(first);
    else if (keyword === 'search') search = words;
    else if (keyword === 'domain') search = words.slice(0, 1);
    else if (keyword === 'options') options.push(...words);
  }
  const brief = (list: string[]) => list.slice(0, MAX_ENTRIES);
  return { servers: brief(servers), search: brief(search), options: brief(options) };
}

/** Addresses on which systemd-resolved answers the programs of its own host (systemd-resolved.service(8)). */
const STUBS: readonly string[] = ['127.0.0.53', '127.0.0.54'];

/** The host's own file, and behind the stub of systemd-resolved the servers it uses. Null where there is no resolv.conf. */
export async function readDnsSettings(files: HostReader): Promise<DnsSettings | null> {
  const text = await files.text('/etc/resolv.conf');
  if (text === null) return null;
  const settings = parseResolvConf(text);
  const hasStub = settings.servers.some((server) => STUBS.includes(server));
  const behind = hasStub ? await files.text('/run/systemd/resolve/resolv.conf') : null;
  return { ...settings, upstream: behind === null ? null : parseResolvConf(behind).servers };
}
