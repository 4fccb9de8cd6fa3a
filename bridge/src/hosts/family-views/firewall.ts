import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { FirewallFacts, type FirewallPolicies } from '@telemcp/shared/facts/firewall';
import type { Cell, Table } from '../../answer.ts';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { showAge } from '../../format-time.ts';
import { defineFamilyView, propertyTable } from '../family-view.ts';
import { rollUpTable, withRollUp } from '../roll-up.ts';

const CHAINS = 6;

/** The `firewall` family: what is wrong, what happens by default and on what that rests, then who made which rules. */
export const firewallView = defineFamilyView<FirewallFacts>({
  schema: AgentAnswer.extend(envelopeOf(FirewallFacts).shape),
  one: ({ data }, all) => {
    const properties = propertyTable([
      ...data.attention.map((text) => ['attention', briefText(text, 200)] as const),
      ['defaults', showDefaults(data)],
      ['basis', data.basis],
      ['ufw', showUfw(data, all ? 100 : 10)],
      ['firewalld', showFirewalld(data, all ? 100 : 10)],
      ...data.configured.ruleFiles.map((file) => [file.path, showRuleFile(file)] as const),
      [
        'units',
        data.running.units?.map((unit) => `${unit.name} ${unit.activeState} (${unit.subState})`).join(', ') ?? null,
      ],
      ['legacyTables', data.running.legacyTables?.join(', ') ?? null],
      ['ruleset', showRuleset(data)],
      ['owners', showOwners(data)],
      ['modules', all ? (data.running.kernelModules?.join(', ') ?? null) : null],
    ]);
    const chains = chainsTable(data, all);
    return {
      summary: summaryOf(data),
      tables: chains === null ? [properties] : [properties, chains],
      notes: data.notes.map((note) => briefText(note, 250)),
    };
  },
  fleet: ({ looks }) => {
    const values = (read: (data: FirewallFacts) => string | number | boolean | null) =>
      looks.map(({ node, data }) => {
        const value = read(data);
        return { node, value: value === null || value === '' ? null : String(value) };
      });
    const wrong = looks.flatMap(({ node, data }) =>
      data.attention.map((text) => ({ node, text: briefText(text, 200) })),
    );
    const rows = [...Map.groupBy(wrong, ({ text }) => text)]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([text, found]): Cell[] => [
        text,
        found.length,
        listNames(
          found.map(({ node }) => node),
          5,
        ),
      ]);
    const counts = countBy(looks.map(({ data }) => stateOf(data)));
    return {
      summary: counts,
      tables: withRollUp(
        { name: 'attention', columns: ['what', 'nodes', 'on'], rows },
        rollUpTable([
          ['backend', values((data) => data.backend)],
          ['enabled', values((data) => data.enabled)],
          ['defaults', values(showDefaults)],
          ['basis', values((data) => data.basis)],
          [
            'rulesetListed',
            values(({ ruleset }) => (ruleset === null ? 'no' : ruleset.stale ? 'too long ago' : 'yes')),
          ],
          [
            'owners',
            values(
              ({ ruleset }) =>
                ruleset?.owners
                  .map(({ owner }) => owner)
                  .sort()
                  .join(', ') ?? null,
            ),
          ],
        ]),
      ),
    };
  },
});

function summaryOf(data: FirewallFacts): string {
  const { backend, enabled, defaults, ruleset } = data;
  if (backend === 'none') {
    return isListed(ruleset)
      ? 'no firewall: nothing filters what comes in'
      : 'no firewall seen; the kernel was not asked, so rules set by hand would not be seen';
  }
  const state = enabled === null ? 'whether enabled is not known' : enabled ? 'enabled' : 'NOT enabled';
  const { ipv4, ipv6 } = defaults;
  const input = ipv4.input === null ? 'input default not known' : `default-${ipv4.input} input`;
  const other = ipv6.input === null || ipv6.input === ipv4.input ? '' : `, IPv6 ${ipv6.input}`;
  return `${input}${other} (${backend}, ${state})`;
}

function isListed(ruleset: FirewallFacts['ruleset']): boolean {
  return ruleset !== null && !ruleset.stale;
}

/** A node's state in the words that are counted over the fleet, the worst first. */
const STATES = [
  'switched off',
  'none seen',
  'input accepted by default',
  'not known',
  'input kept out by default',
] as const;

function stateOf({ backend, enabled, defaults }: FirewallFacts): (typeof STATES)[number] {
  if (backend === 'none') return 'none seen';
  if (enabled === false) return 'switched off';
  const { input } = defaults.ipv4;
  if (enabled === null || input === null) return 'not known';
  return input === 'accept' ? 'input accepted by default' : 'input kept out by default';
}

function countBy(states: readonly (typeof STATES)[number][]): string {
  return STATES.flatMap((state) => {
    const count = states.filter((each) => each === state).length;
    return count === 0 ? [] : [`${state} on ${count === states.length ? 'all' : count}`];
  }).join(', ');
}

function showDefaults({ defaults: { ipv4, ipv6 } }: FirewallFacts): string | null {
  const first = showPolicies(ipv4);
  const second = showPolicies(ipv6);
  if (second === '' || second === first) return first || null;
  return first === '' ? `IPv6: ${second}` : `${first}; IPv6: ${second}`;
}

function showPolicies({ input, forward, output }: FirewallPolicies): string {
  const parts = [input && `input ${input}`, forward && `forward ${forward}`, output && `output ${output}`];
  return parts.filter((part) => part !== null).join(', ');
}

function showUfw({ configured: { ufw } }: FirewallFacts, max: number): string | null {
  if (ufw === null) return null;
  const state = ufw.enabled === null ? 'not known whether enabled' : ufw.enabled ? 'enabled' : 'switched off';
  if (ufw.ruleCount === null) return ufw.enabled === true ? `${state}, rules not readable` : state;
  const allowed = (ufw.allowed ?? []).map(({ port, protocol, from, interface: nic }) =>
    [`${port}${protocol === 'any' ? '' : `/${protocol}`}`, from && `from ${from}`, nic && `on ${nic}`]
      .filter((part) => part !== null)
      .join(' '),
  );
  const open = allowed.length === 0 ? 'nothing allowed in' : `allows ${listNames([...new Set(allowed)], max)}`;
  return briefText(`${state}, ${countOf(ufw.ruleCount, 'rule')}: ${open}`, 1000);
}

function showFirewalld({ configured: { firewalld } }: FirewallFacts, max: number): string | null {
  if (firewalld === null) return null;
  const zones = firewalld.zones?.map(({ name, target, services, ports, sources, interfaces, richRules }) => {
    const open = [...services, ...ports];
    const bound = [...interfaces, ...sources];
    const parts = [
      target === 'default' ? null : target,
      open.length === 0 ? null : `allows ${listNames(open, max)}`,
      bound.length === 0 ? null : `for ${listNames(bound, max)}`,
      richRules === 0 ? null : countOf(richRules, 'rich rule'),
    ];
    const words = parts.filter((part) => part !== null).join(', ');
    return `${name}${name === firewalld.defaultZone ? ' (default)' : ''}: ${words || 'allows nothing'}`;
  });
  const known = zones ?? [`default zone ${firewalld.defaultZone ?? 'not known'}, zones not readable`];
  return briefText(known.join('; '), 1000);
}

function showRuleFile({ baseChains, rules, includes }: FirewallFacts['configured']['ruleFiles'][number]): string {
  const included = includes.length === 0 ? '' : `, includes ${listNames(includes, 3)}`;
  return briefText(`${countOf(baseChains, 'base chain')}, ${countOf(rules, 'rule')}${included}`, 300);
}

function showRuleset({ ruleset }: FirewallFacts): string | null {
  if (ruleset === null) return null;
  const { chains, tables, writtenSecondsAgo, stale } = ruleset;
  const age = `listed ${showAge(writtenSecondsAgo)} ago${stale ? ', too long to tell' : ''}`;
  return `${countOf(chains, 'chain')} in ${countOf(tables, 'table')}, ${age}`;
}

function showOwners({ ruleset }: FirewallFacts): string | null {
  return ruleset?.owners.map(({ owner, chains }) => `${owner} ${chains}`).join(', ') ?? null;
}

function chainsTable({ ruleset }: FirewallFacts, all: boolean): Table | null {
  if (ruleset === null || ruleset.baseChains.length === 0) return null;
  const rows = ruleset.baseChains.map(({ hook, priority, policy, type, family, table, name }): Cell[] => [
    hook,
    type,
    priority,
    policy,
    `${family}/${table}/${name}`,
  ]);
  return {
    name: 'baseChains',
    columns: ['hook', 'type', 'priority', 'policy', 'chain'],
    rows,
    order: 'input first',
    total: ruleset.baseChainCount,
    ...(all ? {} : { limit: CHAINS }),
  };
}
