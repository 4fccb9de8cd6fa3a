import type { Missing } from '@telemcp/shared/envelope';
import type { Certificate, CertificateError, CertificateFacts } from '@telemcp/shared/facts/certificates';
import type { Cell, Table } from '../answer.ts';
import { briefText, countOf, listNames } from '../brief-text.ts';
import { showAge } from '../format-time.ts';
import type { Look } from './fleet-looks.ts';

/** One certificate, wherever it was found: copies of it have the same fingerprint. */
export interface CertificateGroup {
  certificate: Certificate;
  /** Seconds until it expires at the time of the answer. */
  expiresInSeconds: number;
  /** False when every copy of it lies beside a newer one. */
  inUse: boolean;
  nodes: string[];
  places: string[];
}

/** Certificates that expire within this many days are counted apart. */
export const SOON_DAYS = 30;
export const DAY_SECONDS = 86_400;

/** All certificates of the nodes, each once: soonest expiry first, those that a newer one replaces last. */
export function groupCertificates(looks: readonly Look<CertificateFacts>[]): CertificateGroup[] {
  const groups = new Map<string, CertificateGroup>();
  for (const { node, data, ageSeconds } of looks) {
    for (const certificate of data.certificates) {
      const group = groups.get(certificate.fingerprintSha256) ?? {
        certificate,
        expiresInSeconds: certificate.expiresInSeconds - ageSeconds,
        inUse: false,
        nodes: [],
        places: [],
      };
      group.inUse ||= certificate.inUse;
      if (!group.nodes.includes(node)) group.nodes.push(node);
      const place = showPlace(certificate);
      if (!group.places.includes(place)) group.places.push(place);
      groups.set(certificate.fingerprintSha256, group);
    }
  }
  return [...groups.values()].sort(
    (a, b) => Number(b.inUse) - Number(a.inUse) || a.expiresInSeconds - b.expiresInSeconds,
  );
}

/** Rows narrow enough to have room for the issuer as well. */
const FEW = 10;

/** The groups as rows; with a column for the node when there are several. */
export function certificateTable(
  groups: readonly CertificateGroup[],
  options: { withNode: boolean; limit: number },
): Table {
  const withIssuer = groups.length <= FEW;
  const columns = [
    ...['expires', 'in'],
    ...(options.withNode ? ['node'] : []),
    ...['role', 'kind', 'subject'],
    ...(withIssuer ? ['issuer'] : []),
    'path',
  ];
  const rows = groups.map(({ certificate, expiresInSeconds, inUse, nodes, places }): Cell[] => [
    certificate.notAfter.slice(0, 10),
    showAge(expiresInSeconds),
    ...(options.withNode ? [nodes.length <= 2 ? nodes.join(',') : `${nodes.length} nodes`] : []),
    certificate.role,
    showKind(certificate, inUse),
    briefText(certificate.commonName ?? (certificate.subject || certificate.dnsNames.join(',')), 120),
    ...(withIssuer ? [certificate.selfSigned ? 'itself' : briefText(commonNameOf(certificate.issuer), 120)] : []),
    places.length > 1 ? `${places[0]} and ${places.length - 1} more` : (places[0] ?? null),
  ]);
  return { columns, rows, limit: options.limit };
}

/** `1 expired, 3 more within 30 days`; the rest is not counted here. */
export function countExpiry(groups: readonly CertificateGroup[]): string {
  const used = groups.filter((group) => group.inUse);
  const expired = used.filter((group) => group.expiresInSeconds <= 0).length;
  const soon = used.filter((group) => group.expiresInSeconds <= SOON_DAYS * DAY_SECONDS).length - expired;
  const superseded = groups.length - used.length;
  return [
    `${expired} expired`,
    `${soon} ${expired > 0 ? 'more ' : ''}within ${SOON_DAYS} days`,
    ...(superseded === 0 ? [] : [`${superseded} superseded by newer ones`]),
  ].join(', ');
}

/** Files that could not be read; null when all could. Equal ones on several nodes are one row. */
export function certificateErrorTable(looks: readonly Look<CertificateFacts>[], limit: number): Table | null {
  const found = looks.flatMap(({ node, data }) =>
    data.errors.map((error) => ({ node, error, text: showError(error) })),
  );
  if (found.length === 0) return null;
  const withNode = looks.length > 1;
  const rows = [...Map.groupBy(found, ({ error, text }) => JSON.stringify([error.reason, text])).values()].flatMap(
    (copies): Cell[][] => {
      const [first] = copies;
      if (first === undefined) return [];
      const nodes = copies.map(({ node }) => node);
      return [[first.error.reason, ...(withNode ? [listNames(nodes, 2)] : []), first.text]];
    },
  );
  return { name: 'not read', columns: ['notReadBecause', ...(withNode ? ['node'] : []), 'path'], rows, limit };
}

/** Whether the files that could not be read, which have a table of their own, already tell of a gap. */
export function tellsOfGap(data: CertificateFacts, gap: Missing): boolean {
  return data.errors.some(
    ({ path, embeddedAt }) => gap.what === (embeddedAt === null ? path : `${path} ${embeddedAt}`),
  );
}

/** How to renew those that expire within `days`: each piece of advice once, the most urgent first. */
export function renewalNotes(groups: readonly CertificateGroup[], days: number): string[] {
  const due = groups.filter((group) => group.inUse && group.expiresInSeconds <= days * DAY_SECONDS);
  const byHint = Map.groupBy(due, ({ certificate }) => certificate.renewalHint);
  const hints = [...byHint].flatMap(([hint, alike]) => (hint === null ? [] : [{ hint, names: namesOf(alike) }]));
  const shown = hints
    .slice(0, MAX_HINTS)
    .map(({ hint, names }) => `to renew ${listNames(names, 4)}: ${briefText(hint, 240)}`);
  return hints.length > MAX_HINTS ? [...shown, `${hints.length - MAX_HINTS} more ways of renewal`] : shown;
}

/** What a reader who misses a certificate should know: lists of revoked ones that are out of date, nodes without any. */
export function certificateNotes(looks: readonly Look<CertificateFacts>[]): string[] {
  const lists = looks.flatMap(({ data }) => data.revocationLists.filter((list) => list.stale));
  const stale = [...Map.groupBy(lists, ({ path }) => briefText(path, 160))].map(
    ([path, copies]) => `${path}${copies.length > 1 ? ` (${countOf(copies.length, 'node')})` : ''}`,
  );
  const none = looks.filter(({ data }) => data.certificates.length === 0);
  const unsearched = none.filter(({ data }) => data.searched.length === 0).map(({ node }) => node);
  const empty = none.filter(({ data }) => data.searched.length > 0);
  const places = Math.max(0, ...empty.map(({ data }) => data.searched.length));
  return [
    ...(stale.length === 0 ? [] : [`revocation list out of date: ${listNames(stale, 3)}`]),
    ...(unsearched.length === 0 ? [] : [`no place is configured to be searched on ${listNames(unsearched, 5)}`]),
    ...(empty.length === 0
      ? []
      : [
          `no certificate in the ${countOf(places, 'place')} searched on ${listNames(
            empty.map(({ node }) => node),
            5,
          )}`,
        ]),
    ...looks
      .filter(({ data, total }) => (total ?? 0) > data.certificates.length)
      .slice(0, 3)
      .map(({ node, data, total }) => `${node} sent ${data.certificates.length} of its ${total} certificates`),
  ];
}

const MAX_HINTS = 4;

/** What the certificates are for, each name once. */
function namesOf(groups: readonly CertificateGroup[]): string[] {
  const names = groups.map(({ certificate }) => certificate.role ?? certificate.commonName ?? certificate.subject);
  return [...new Set(names.map((name) => briefText(name, 80)))];
}

function showKind(certificate: Certificate, inUse: boolean): string {
  return [
    certificate.isCa ? 'ca' : certificate.selfSigned ? 'self-signed' : 'leaf',
    ...(inUse ? [] : ['superseded']),
    ...(certificate.notYetValid ? ['not-yet-valid'] : []),
  ].join(',');
}

function showPlace({ path, index, embeddedAt }: Certificate): string {
  const at = embeddedAt === null ? '' : ` ${briefText(embeddedAt, 120)}`;
  return `${briefText(path, 255)}${index > 0 ? `[${index}]` : ''}${at}`;
}

function showError({ path, embeddedAt, detail }: CertificateError): string {
  const at = embeddedAt === null ? '' : ` ${briefText(embeddedAt, 120)}`;
  return `${briefText(path, 255)}${at}${detail === null ? '' : `: ${briefText(detail, 120)}`}`;
}

/** The common name in a name as RFC 4514 writes it, without its escapes; the whole name when it has none. */
function commonNameOf(name: string): string {
  const escaped = /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(name)?.[1];
  if (escaped === undefined) return name;
  return escaped.replace(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/g, (_, octets: string | undefined, plain: string) =>
    octets === undefined ? plain : Buffer.from(octets.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
}
