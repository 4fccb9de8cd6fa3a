import type { FirewallPolicies, UfwConfiguration } from '@telemcp/shared/facts/firewall';
import type { HostReader } from '../host-reader.ts';
import { plainText } from '../plain-text.ts';
import { allHooks, policyOf } from './policies.ts';
import { parseAssignments, yesOrNo } from './shell-assignments.ts';

/** Files of ufw(8). The rules are root's alone to read. */
export const UFW_PATHS = ['/etc/ufw', '/etc/default/ufw'] as const;

const ALLOWED_MAX = 100;

type Allowed = NonNullable<UfwConfiguration['allowed']>[number];

/** Null where ufw is not installed. */
export async function readUfw(files: HostReader): Promise<UfwConfiguration | null> {
  const [conf, defaults] = await Promise.all([files.text('/etc/ufw/ufw.conf'), files.text('/etc/default/ufw')]);
  if (conf === null) return null;
  const enabled = yesOrNo(parseAssignments(conf).get('ENABLED'));
  // What the rules of a firewall that is off would let in is no loss, so not being allowed to read them is none either.
  const rules = enabled === false ? null : await files.text('/etc/ufw/user.rules');
  const rules6 = rules === null ? null : await files.text('/etc/ufw/user6.rules');
  const ipv4 = rules === null ? null : parseUfwRules(rules, false);
  const ipv6 = rules6 === null ? null : parseUfwRules(rules6, true);
  return {
    enabled,
    ...parseUfwDefaults(defaults ?? ''),
    ruleCount: ipv4 === null ? null : ipv4.ruleCount + (ipv6?.ruleCount ?? 0),
    allowed: ipv4 === null ? null : [...ipv4.allowed, ...(ipv6?.allowed ?? [])].slice(0, ALLOWED_MAX),
  };
}

/** `/etc/default/ufw`: the policies, and whether IPv6 is filtered by rules or, with `IPV6=no`, dropped altogether. */
export function parseUfwDefaults(text: string): Pick<UfwConfiguration, 'ipv6' | 'defaults'> {
  const settings = parseAssignments(text);
  const policy = (hook: string) => policyOf(settings.get(`DEFAULT_${hook}_POLICY`));
  const ipv4: FirewallPolicies = { input: policy('INPUT'), forward: policy('FORWARD'), output: policy('OUTPUT') };
  const ipv6 = yesOrNo(settings.get('IPV6'));
  return { ipv6, defaults: { ipv4, ipv6: ipv6 === null ? allHooks(null) : ipv6 ? ipv4 : allHooks('drop') } };
}

/** The rules in `user.rules` or `user6.rules`, by the comment that ufw writes above each and reads back. */
export function parseUfwRules(text: string, ipv6: boolean): { ruleCount: number; allowed: Allowed[] } {
  let ruleCount = 0;
  const allowed: Allowed[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('### tuple ###')) continue;
    ruleCount += 1;
    if (allowed.length >= ALLOWED_MAX) continue;
    const [words = ''] = line.slice('### tuple ###'.length, 1024).split(' comment=');
    const rule = allowedBy(words.trim().split(/\s+/), ipv6);
    if (rule !== null) allowed.push(rule);
  }
  return { ruleCount, allowed };
}

/** `action protocol dport dst sport src [dapp sapp] [direction]`; null for what lets nothing in. */
function allowedBy(words: readonly string[], ipv6: boolean): Allowed | null {
  const [action = '', protocol = '', port = '', , , source = ''] = words;
  if (words.length < 6 || words.length > 9 || !/^(allow|limit)(_log(-all)?)?$/.test(action)) return null;
  // Six or eight words are of versions that knew incoming rules only.
  const direction = words.length % 2 === 0 ? 'in' : (words.at(-1) ?? '');
  if (direction !== 'in' && !direction.startsWith('in_')) return null;
  return {
    port: plainText(port.replaceAll(':', '-')),
    protocol: plainText(protocol),
    from: source === '0.0.0.0/0' || source === '::/0' ? null : plainText(source),
    interface: direction === 'in' ? null : plainText(direction.slice(3)),
    ipv6,
  };
}
