import type { Missing } from '@telemcp/shared/envelope';
import { type Attempt, attempt, withDeadline } from '../attempt.ts';
import { type CollectContext, defineCollector } from '../collector.ts';
import { FactError } from '../fact-error.ts';
import { askDefaultZone, FIREWALLD_BUS_NAME, FIREWALLD_PATHS, readFirewalld } from '../firewall/firewalld.ts';
import { judgeFirewall } from '../firewall/judge.ts';
import { attentionOf, notesOf } from '../firewall/remarks.ts';
import { RULE_FILES, readRuleFiles } from '../firewall/rule-files.ts';
import { NFT_CHAINS_FILE, readRuleset } from '../firewall/ruleset.ts';
import { readFirewallUnits, readKernelSigns } from '../firewall/running.ts';
import { freshRuleset, type Seen } from '../firewall/seen.ts';
import { readUfw, UFW_PATHS } from '../firewall/ufw.ts';
import { createHostReader } from '../host-reader.ts';
import { readRunDirectory } from '../run-directory.ts';

/** The bus answers in milliseconds or not at all. */
const BUS_MS = 800;

export const firewall = defineCollector({
  family: 'firewall',
  help: 'Who filters packets (nftables, iptables, ufw, firewalld), whether it is in force, default policies, base chains and their owners.',
  hostPaths: [
    ...UFW_PATHS,
    ...FIREWALLD_PATHS,
    ...RULE_FILES.map(({ path }) => path),
    '/proc/modules',
    '/proc/1/net/ip_tables_names',
    '/proc/1/net/ip6_tables_names',
    '/run',
    NFT_CHAINS_FILE,
  ],
  busNames: ['org.freedesktop.systemd1', FIREWALLD_BUS_NAME],
  ttlMs: 30_000,
  timeoutMs: 3000,
  async collect(context) {
    const { host, bus, settings, signal } = context;
    const files = createHostReader(host);
    const [units, ufw, ruleFiles, signs, { ruleset, missing }] = await Promise.all([
      attempt(withDeadline('system bus', BUS_MS, signal, (limit) => readFirewallUnits(bus, limit))),
      readUfw(files),
      readRuleFiles(files),
      readKernelSigns(host, files),
      readRuleset(host, settings.nftChainsFile ?? NFT_CHAINS_FILE, Date.now()),
    ]);
    const zone = await askRunningZone(context, units);
    const firewalld = await readFirewalld(files, zone.ok ? zone.value : null);
    const seen: Seen = {
      configured: { ufw, firewalld, ruleFiles },
      running: {
        units: units.ok ? units.value.units : null,
        ...signs,
        kubernetes: units.ok ? units.value.kubernetes : null,
      },
      ruleset,
    };
    const rows: Missing[] = [...files.missing, ...missing];
    if (!zone.ok && (firewalld?.defaultZone ?? null) === null) {
      rows.push({ what: 'firewalld default zone', reason: zone.error.reason, detail: zone.error.message });
    }
    if (!units.ok) rows.push(await unseenUnits(context, units.error, rows.length === 0 && isBlind(seen)));
    const verdict = judgeFirewall(seen);
    const attention = attentionOf(seen, verdict);
    return {
      data: { ...verdict, attention, notes: notesOf(seen, verdict), ...seen },
      source: sourceOf(seen),
      missing: rows,
    };
  },
});

/** Null as value: firewalld does not run, or systemd could not be asked whether it does. */
async function askRunningZone(
  { bus, signal }: CollectContext,
  units: Attempt<Awaited<ReturnType<typeof readFirewallUnits>>>,
): Promise<Attempt<string | null>> {
  const isRunning =
    units.ok &&
    units.value.units.some(({ name, activeState }) => name === 'firewalld.service' && activeState === 'active');
  if (!isRunning) return { ok: true, value: null };
  return attempt(withDeadline('firewalld', BUS_MS, signal, (limit) => askDefaultZone(bus, limit)));
}

/** Why services are not known. @throws {FactError} where nothing else is known either */
async function unseenUnits({ host }: CollectContext, error: FactError, nothingElse: boolean): Promise<Missing> {
  const run = await readRunDirectory(createHostReader(host));
  // A bus without systemd on it (Alpine, Talos), or no bus and no systemd (which a partly mounted /run would not show).
  const noSystemd =
    error.reason === 'not_found' || (error.reason === 'unreachable' && run.isWhole && !run.has('systemd'));
  const reason = noSystemd ? 'no_systemd' : error.reason;
  const detail = noSystemd ? 'without systemd it is not known which services run' : error.message;
  if (nothingElse) throw new FactError(reason, detail);
  return { what: 'services of firewalls', reason, detail };
}

function isBlind({ configured, running, ruleset }: Seen): boolean {
  const parts = [configured.ufw, configured.firewalld, running.kernelModules, running.legacyTables, ruleset];
  return configured.ruleFiles.length === 0 && parts.every((part) => part === null);
}

function sourceOf(seen: Seen): string {
  const fresh = freshRuleset(seen);
  if (fresh !== null) return `file:${fresh.path}`;
  return seen.running.units === null ? 'file:/etc,/proc/modules' : 'dbus:org.freedesktop.systemd1';
}
