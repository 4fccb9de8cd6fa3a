import { styleText } from 'node:util';
import type { Envelope } from '@telemcp/shared/envelope';
import type { CertificateFacts } from '@telemcp/shared/facts/certificates';
import type { FirewallFacts } from '@telemcp/shared/facts/firewall';
import type { OsFacts } from '@telemcp/shared/facts/os';
import type { PackageFacts } from '@telemcp/shared/facts/packages';
import type { SystemdFacts } from '@telemcp/shared/facts/systemd';
import type { TimeFacts } from '@telemcp/shared/facts/time';
import type { FactsAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { cpuSummary } from './cpu/cpu-view.ts';
import { findingsOf, type Severity, span } from './findings.ts';
import { memorySummary } from './memory/memory-view.ts';
import { networkSummary } from './network/network-summary.ts';
import { plainText } from './plain-text.ts';
import { portsSummary } from './ports/ports-findings.ts';
import { diskSummary, filesystemSummary } from './storage-view.ts';

const COLOURS = { critical: 'red', warning: 'yellow', note: 'cyan', good: 'green', quiet: 'gray' } as const;
/** Findings shown of one kind before the rest is only counted. */
const SHOWN_PER_KIND = 15;

/** An answer for a person at a terminal: what wants attention, worst first, then a line per family. */
export function renderFacts(answer: FactsAnswer, options: { colour: boolean }): string {
  const paint = (colour: keyof typeof COLOURS, text: string) =>
    options.colour ? styleText(COLOURS[colour], text, { validateStream: false }) : text;
  const head = paint('quiet', `as of ${answer.answeredAt}, agent ${answer.agentVersion}`);
  const attention = attentionRows(answer).map(({ colour, cells: [first = '', ...rest] }) =>
    [paint(colour, first), ...rest].join('  ').trimEnd(),
  );
  const families = familyRows(answer).map(({ colour, cells: [name = '', status = '', ...rest] }) =>
    [name, paint(colour, status), ...rest].join('  ').trimEnd(),
  );
  const good = paint('good', 'nothing wants attention');
  const sections = [[`${plainText(answer.node)}  ${head}`], attention.length === 0 ? [good] : attention, families];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

interface Row {
  colour: keyof typeof COLOURS;
  cells: string[];
}

function attentionRows(answer: FactsAnswer): Row[] {
  const rows: Row[] = [];
  const seen = new Map<string, { severity: Severity; kind: string; count: number }>();
  for (const { severity, kind, subject, text } of findingsOf(answer, Date.parse(answer.answeredAt))) {
    const key = `${severity} ${kind}`;
    const tally = seen.get(key) ?? { severity, kind, count: 0 };
    tally.count += 1;
    seen.set(key, tally);
    if (tally.count > SHOWN_PER_KIND) continue;
    rows.push({ colour: severity, cells: [severity, kind, plainText(subject), plainText(text)] });
  }
  for (const { severity, kind, count } of seen.values()) {
    const more = count - SHOWN_PER_KIND;
    if (more > 0) rows.push({ colour: severity, cells: [severity, kind, `${more} more`, 'see --json'] });
  }
  return aligned(rows);
}

function familyRows({ families }: FactsAnswer): Row[] {
  const summaries: Record<FamilyName, string> = {
    systemd: summary(families.systemd, systemdSummary),
    certificates: summary(families.certificates, certificateSummary),
    time: summary(families.time, timeSummary),
    os: summary(families.os, osSummary),
    cpu: summary(families.cpu, cpuSummary),
    memory: summary(families.memory, memorySummary),
    filesystems: summary(families.filesystems, filesystemSummary),
    disks: summary(families.disks, diskSummary),
    network: summary(families.network, networkSummary),
    ports: summary(families.ports, portsSummary),
    packages: summary(families.packages, packageSummary),
    firewall: summary(families.firewall, firewallSummary),
  };
  const asked = FAMILY_NAMES.filter((name) => families[name] !== undefined);
  return aligned(
    asked.map((name) => {
      const status = families[name]?.status ?? 'disabled';
      const colour = ({ ok: 'good', partial: 'note', unavailable: 'warning', disabled: 'quiet' } as const)[status];
      return { colour, cells: [name, status, plainText(summaries[name])] };
    }),
  );
}

function summary<T>(envelope: Envelope<T> | undefined, words: (data: T, envelope: Envelope<T>) => string): string {
  if (envelope === undefined) return '';
  return envelope.data === null ? (envelope.reason ?? '') : words(envelope.data, envelope);
}

function systemdSummary({ manager, unitsByActiveState }: SystemdFacts): string {
  const states = Object.entries(unitsByActiveState).map(([state, count]) => `${count} ${state}`);
  return `systemd ${manager.version}, ${manager.systemState}; units: ${states.join(', ')}`;
}

function certificateSummary(facts: CertificateFacts, { total }: Envelope<CertificateFacts>): string {
  const count = total ?? facts.certificates.length;
  const soonest = facts.certificates.find((certificate) => certificate.inUse && certificate.expiresInSeconds > 0);
  if (soonest === undefined) return `${count} in ${facts.filesRead} files`;
  return `${count} in ${facts.filesRead} files; the next expires in ${span(soonest.expiresInSeconds)}: ${soonest.path}`;
}

function timeSummary(facts: TimeFacts): string {
  const synchronized = { true: 'synchronized', false: 'not synchronized', null: 'synchronized: not known' } as const;
  const parts = [
    facts.implementation,
    synchronized[`${facts.synchronized}`],
    facts.stratum === null ? null : `stratum ${facts.stratum}`,
    facts.referenceName === null ? null : `by ${facts.referenceName}`,
    facts.lastOffsetSeconds === null ? null : `offset ${(facts.lastOffsetSeconds * 1000).toFixed(3)} ms`,
    facts.clockErrorBoundSeconds === null
      ? null
      : `off by ${(facts.clockErrorBoundSeconds * 1000).toFixed(1)} ms at most`,
    facts.timezone,
  ];
  return parts.filter(Boolean).join(', ');
}

function osSummary(facts: OsFacts): string {
  const vulnerable = facts.cpu.vulnerabilities.filter((each) => each.vulnerable).length;
  const parts = [
    facts.distribution.prettyName ?? facts.distribution.id ?? 'unknown distribution',
    `kernel ${facts.kernel.release}`,
    `up ${span(facts.uptimeSeconds)}`,
    facts.virtualization === null || facts.virtualization === 'none' ? null : `on ${facts.virtualization}`,
    facts.cpu.threads === null ? null : `${facts.cpu.threads} cpu`,
    facts.memoryTotalBytes === null ? null : `${(facts.memoryTotalBytes / 2 ** 30).toFixed(1)} GiB`,
    vulnerable === 0 ? null : `${vulnerable} cpu vulnerabilities open`,
  ];
  return parts.filter(Boolean).join(', ');
}

function packageSummary(facts: PackageFacts, { collectedAt }: Envelope<PackageFacts>): string {
  const { manager, installed, held, listsChangedAt, pending, unattendedUpgrades } = facts;
  const lists = listsChangedAt === null ? null : (Date.parse(collectedAt) - Date.parse(listsChangedAt)) / 1000;
  const parts = [
    manager === 'none' ? 'an image without packages' : manager,
    installed === null ? null : `${installed} installed`,
    held === null || held.total === 0 ? null : `${held.total} held`,
    lists === null ? null : `lists ${span(Math.max(0, lists))} old`,
    pending === null ? null : `${pending.updates} updates pending`,
    unattendedUpgrades === null ? null : `unattended upgrades ${unattendedUpgrades ? 'on' : 'off'}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function firewallSummary({ backend, enabled, defaults, ruleset }: FirewallFacts): string {
  const isListed = ruleset !== null && !ruleset.stale;
  if (backend === 'none' && !isListed) return 'none seen; rules set by hand would not be seen';
  if (backend === 'none') return 'none: nothing filters what comes in';
  const state = { true: 'enabled', false: 'not enabled', null: 'whether enabled is not known' } as const;
  const { ipv4, ipv6 } = defaults;
  const parts = [
    backend,
    state[`${enabled}`],
    ipv4.input === null ? 'input default not known' : `default-${ipv4.input} input`,
    ipv6.input === null || ipv6.input === ipv4.input ? null : `IPv6 ${ipv6.input}`,
    isListed ? `${ruleset.baseChainCount} base chains` : null,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Pads every column but the last to its widest cell, up to 60 characters. */
function aligned(rows: Row[]): Row[] {
  const widths: number[] = [];
  for (const { cells } of rows) {
    cells.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, Math.min(60, cell.length));
    });
  }
  return rows.map((row) => ({ ...row, cells: row.cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)) }));
}
