import type { Envelope, Missing } from '@telemcp/shared/envelope';
import type { Certificate } from '@telemcp/shared/facts/certificates';
import type { FirewallFacts } from '@telemcp/shared/facts/firewall';
import type { OsFacts } from '@telemcp/shared/facts/os';
import type { PackageFacts } from '@telemcp/shared/facts/packages';
import type { SystemdUnit } from '@telemcp/shared/facts/systemd';
import type { TimeFacts } from '@telemcp/shared/facts/time';
import type { FactsAnswer } from '@telemcp/shared/families';
import { cpuFindings } from './cpu/cpu-view.ts';
import { keepsOut } from './firewall/policies.ts';
import { memoryFindings } from './memory/memory-view.ts';
import { networkFindings } from './network/network-findings.ts';
import { portsFindings } from './ports/ports-findings.ts';
import { diskFindings, filesystemFindings } from './storage-findings.ts';

/** How much something matters, the worst first. */
export const SEVERITIES = ['critical', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One thing on the host that wants attention: of what kind, which one, and what is the matter with it. */
export interface Finding {
  severity: Severity;
  kind: string;
  subject: string;
  text: string;
}

const DAY_SECONDS = 86_400;
/** Beyond this a clock breaks what depends on it: leases, tokens, logs that are to be put in order. */
const CLOCK_OFF_SECONDS = 0.5;
/** A host that has not looked for updates this long does not know of fixes that are being exploited by now. */
const LISTS_OLD_SECONDS = 14 * DAY_SECONDS;

/** What wants attention in an answer, worst first; what could not be looked at is among it. `now` is Unix time, milliseconds. */
export function findingsOf(answer: FactsAnswer, now: number): Finding[] {
  const { systemd, certificates, time, os, cpu, memory, filesystems, disks, network, ports, packages, firewall } =
    answer.families;
  const findings = [
    ...(systemd?.data?.failed ?? []).map((unit) => failedUnit(unit, now)),
    ...(systemd?.data?.watched ?? []).filter((unit) => unit.needsDaemonReload).map(staleUnit),
    ...(certificates?.data?.certificates ?? []).flatMap(expiry),
    ...clock(time?.data ?? null),
    ...reboot(os?.data ?? null),
    ...networkFindings(network?.data ?? null),
    ...portsFindings(ports?.data ?? null),
    ...(cpu?.data == null ? [] : cpuFindings(cpu.data)),
    ...(memory?.data == null ? [] : memoryFindings(memory.data)),
    ...filesystemFindings(filesystems?.data ?? null),
    ...diskFindings(disks?.data ?? null),
    ...upkeep(packages?.data ?? null, now),
    ...openness(firewall?.data ?? null),
    ...Object.entries(answer.families).flatMap(([family, envelope]) => unseen(family, envelope)),
  ];
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function failedUnit(unit: SystemdUnit, now: number): Finding {
  const { service, stateChangedAt } = unit;
  const parts = [
    service === null ? unit.subState : service.result,
    service?.exitStatus == null ? null : `${service.exitKind === 'exited' ? 'status' : 'signal'} ${service.exitStatus}`,
    stateChangedAt === null ? null : `${span((now - Date.parse(stateChangedAt)) / 1000)} ago`,
    service !== null && service.restarts > 0 ? `${service.restarts} restarts` : null,
    unit.loadError,
  ];
  return { severity: 'critical', kind: 'failed unit', subject: unit.name, text: parts.filter(Boolean).join(', ') };
}

function staleUnit({ name }: SystemdUnit): Finding {
  const text = 'its file was changed since systemd read it: systemctl daemon-reload';
  return { severity: 'note', kind: 'unit', subject: name, text };
}

/** Warns at a quarter of the lifetime, 30 days at most: a certificate made for a day is not about to expire all its life. */
function expiry(certificate: Certificate): Finding[] {
  if (!certificate.inUse) return [];
  const { expiresInSeconds: left, notBefore, notAfter, renewalHint } = certificate;
  const lifetime = (Date.parse(notAfter) - Date.parse(notBefore)) / 1000;
  const words =
    left <= 0
      ? `expired ${span(-left)} ago`
      : certificate.notYetValid
        ? `not valid before ${notBefore}`
        : `expires in ${span(left)}`;
  const name = certificate.commonName ?? certificate.subject;
  const finding = {
    kind: 'certificate',
    subject: certificate.embeddedAt === null ? certificate.path : `${certificate.path} ${certificate.embeddedAt}`,
    text: [`${words} (${name})`, renewalHint].filter(Boolean).join(': '),
  };
  if (left <= Math.min(7 * DAY_SECONDS, lifetime / 10) || certificate.notYetValid)
    return [{ severity: 'critical', ...finding }];
  return left <= Math.min(30 * DAY_SECONDS, lifetime / 4) ? [{ severity: 'warning', ...finding }] : [];
}

function clock(facts: TimeFacts | null): Finding[] {
  if (facts === null) return [];
  const finding = { kind: 'clock', subject: facts.implementation };
  if (facts.synchronized === false) {
    const text = ['not synchronized', facts.note].filter(Boolean).join(': ');
    return [{ severity: 'warning', ...finding, text }];
  }
  if (facts.implementation === 'none' && facts.synchronized === null)
    return [{ severity: 'note', ...finding, text: 'no time daemon runs' }];
  const off = facts.clockErrorBoundSeconds ?? Math.abs(facts.lastOffsetSeconds ?? 0);
  if (off < CLOCK_OFF_SECONDS) return [];
  return [{ severity: 'warning', ...finding, text: `may be off by ${off.toFixed(1)} s` }];
}

function reboot(facts: OsFacts | null): Finding[] {
  if (facts?.rebootRequired.required !== true) return [];
  const { why, packages } = facts.rebootRequired;
  const text = ['required', why, packages.length === 0 ? null : `for ${packages.join(', ')}`]
    .filter(Boolean)
    .join(', ');
  return [{ severity: 'warning', kind: 'reboot', subject: facts.hostname ?? '', text }];
}

function upkeep(facts: PackageFacts | null, now: number): Finding[] {
  if (facts === null) return [];
  const { manager, broken, unfinished, pending } = facts;
  const finding = (severity: Severity, subject: string, text: string) => ({
    severity,
    kind: 'packages',
    subject,
    text,
  });
  const looked = [facts.listsChangedAt, facts.lastUpdateSuccessAt].filter((at) => at !== null).map(Date.parse);
  const unseen = (now - Math.max(...looked)) / 1000;
  return [
    ...(broken?.packages ?? []).map(({ name, state }) => finding('warning', name, state)),
    ...(unfinished === true ? [finding('note', manager, 'a run is under way, or was cut off')] : []),
    ...(pending !== null && (pending.securityUpdates ?? 0) > 0
      ? [finding('warning', manager, `${pending.securityUpdates} security updates wait to be installed`)]
      : []),
    ...(looked.length > 0 && unseen > LISTS_OLD_SECONDS
      ? [finding('note', manager, `has not looked for updates for ${span(unseen)}`)]
      : []),
  ];
}

/**
 * What is wrong with the firewall is a warning. That there is none, or one that lets in by default, is only worth knowing: in
 * many networks something before the host keeps out what shall not get in.
 */
function openness(facts: FirewallFacts | null): Finding[] {
  if (facts === null) return [];
  const { backend, enabled, basis, defaults, attention } = facts;
  const finding = { kind: 'firewall', subject: backend };
  const wrong = attention.map((text): Finding => ({ severity: 'warning', ...finding, text }));
  if (enabled === false) {
    const text = basis === 'ruleset' ? unloaded(defaults) : 'none is switched on';
    return [...wrong, { severity: 'note', ...finding, text }];
  }
  if (enabled !== true || defaults.ipv4.input !== 'accept') return wrong;
  return [...wrong, { severity: 'note', ...finding, text: 'lets in by default what no rule keeps out' }];
}

/** Of a firewall without a rule in the kernel: rules of somebody else may keep out all the same. */
function unloaded({ ipv4, ipv6 }: FirewallFacts['defaults']): string {
  const kept = [keepsOut(ipv4.input) ? 'IPv4' : '', keepsOut(ipv6.input) ? 'IPv6' : ''].filter(Boolean);
  if (kept.length > 0) return `its rules are not loaded, others keep out ${kept.join(' and ')} by default`;
  const isOpen = ipv4.input === 'accept' && ipv6.input === 'accept';
  return isOpen ? 'nothing filters what comes in' : 'its rules are not loaded, what others do is not known';
}

/** What could not be looked at: the whole family, or each part of it. */
function unseen(family: string, envelope: Envelope<unknown> | undefined): Finding[] {
  if (envelope === undefined || envelope.status === 'disabled') return [];
  const words = (missing: Missing) =>
    missing.detail === null ? missing.reason : `${missing.reason}, ${missing.detail}`;
  if (envelope.status === 'unavailable') {
    const [first] = envelope.missing;
    const text = [first === undefined ? envelope.reason : words(first), envelope.hint].filter(Boolean).join('. ');
    return [{ severity: 'warning', kind: 'not seen', subject: family, text }];
  }
  return envelope.missing.map((missing) => ({
    severity: 'note',
    kind: 'not seen',
    subject: missing.what,
    text: words(missing),
  }));
}

/** A length of time in its largest unit that fits twice: `90 s` as `90s`, `3,000 s` as `50m`. */
export function span(seconds: number): string {
  const units = [
    ['d', DAY_SECONDS],
    ['h', 3600],
    ['m', 60],
  ] as const;
  const [name, size] = units.find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${name}`;
}
