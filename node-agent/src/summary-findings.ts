import type { HostSummary, SummaryFinding } from '@telemcp/shared/summary';
import { type Finding, SEVERITIES } from './findings.ts';
import { plainText } from './plain-text.ts';
import { steadyText } from './steady-text.ts';

const MAX_FINDINGS = 12;
const MAX_FINDINGS_OF_KIND = 3;
/** Of those that one finding is about. */
const MAX_SUBJECTS = 3;
const MAX_NAME = 200;
const MAX_TEXT = 80;

/**
 * Not so: a family that could not be seen, which `families` says; and notes on ports, which are about queues that fill and empty
 * within milliseconds.
 */
function isNews({ severity, kind }: Finding): boolean {
  return !(kind === 'not seen' && severity === 'warning') && !(kind === 'port' && severity === 'note');
}

/**
 * Ordered by what they say: the families' own order follows how busy or how old things are. Those that say the same of several
 * things are one, with the things' names.
 */
export function summaryFindings(findings: readonly Finding[]): HostSummary['findings'] {
  const said = new Map<string, { finding: SummaryFinding; subjects: Set<string> }>();
  for (const { severity, kind, subject, text } of findings.filter(isNews)) {
    const short = plainText(steadyText(kind === 'certificate' ? withoutHint(text) : text), MAX_TEXT);
    const finding = { severity, kind, subject: '', text: short };
    const key = JSON.stringify(finding);
    const one = said.get(key) ?? { finding, subjects: new Set() };
    said.set(key, one);
    one.subjects.add(plainText(subject, MAX_NAME));
  }
  const total = [...said.values()].reduce((sum, { subjects }) => sum + subjects.size, 0);
  const sorted = [...said.values()]
    .map(({ finding, subjects }) => ({ ...finding, subject: listed([...subjects].sort(byText)) }))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        byText(a.kind, b.kind) ||
        byText(a.subject, b.subject) ||
        byText(a.text, b.text),
    );
  const seen = new Map<string, number>();
  const worst = sorted.filter(({ severity, kind }) => {
    const key = `${severity} ${kind}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return (seen.get(key) ?? 0) <= MAX_FINDINGS_OF_KIND;
  });
  return { total, worst: worst.slice(0, MAX_FINDINGS) };
}

/** `a, b, c and 4 more`. */
function listed(subjects: readonly string[]): string {
  const left = subjects.length - MAX_SUBJECTS;
  return `${subjects.slice(0, MAX_SUBJECTS).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

/** Whose it is and how it is renewed is with the certificate itself; without them, those that expire together are one finding. */
function withoutHint(text: string): string {
  return text.replace(/ \(.*$/s, '');
}

/** By code unit: the same on every host, whatever its locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
