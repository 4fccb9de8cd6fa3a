import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { PackageFacts } from '@telemcp/shared/facts/packages';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { secondsBetween, showAge, showMoment } from '../../format-time.ts';
import { defineFamilyView, type FamilyView, propertyTable } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { findPackages } from '../package-search.ts';
import { rollUpTable } from '../roll-up.ts';

const DAY_SECONDS = 86_400;
/** Spans by which nodes are told apart: a node that has not looked for updates for two weeks does not know of what is exploited. */
const LIST_AGES = [
  [DAY_SECONDS, 'under a day'],
  [7 * DAY_SECONDS, 'under a week'],
  [14 * DAY_SECONDS, 'under 2 weeks'],
  [Number.POSITIVE_INFINITY, 'over 2 weeks'],
] as const;

/** The `packages` family: what is broken or waits first, then how packages are kept up; by name with a filter. */
export const packagesView: FamilyView = {
  ...defineFamilyView<PackageFacts>({
    schema: AgentAnswer.extend(envelopeOf(PackageFacts).shape),
    one: (look) => {
      const { data, answeredAt } = look;
      const { database, lastChange, held, pending } = data;
      const ago = (moment: string | null) =>
        moment === null
          ? null
          : `${showMoment(moment, answeredAt)} (${showAge(secondsBetween(moment, answeredAt))} ago)`;
      return {
        summary: summaryOf(look),
        tables: [
          propertyTable([
            ['broken', showBroken(data)],
            ['unfinished', data.unfinished === true ? 'a run is under way, or was cut off' : null],
            [
              'pending',
              pending === null ? null : `${showPending(data)}, counted ${ago(pending.countedAt) ?? 'by the host'}`,
            ],
            ['rebootRequiredBy', listNames(data.rebootRequiredBy?.map((name) => briefText(name, 80)) ?? [], 10)],
            ['held', held === null ? null : listHeld(held)],
            ['unattendedUpgrades', data.unattendedUpgrades],
            ['listsChanged', ago(data.listsChangedAt)],
            ['lastUpdateSuccess', ago(data.lastUpdateSuccessAt)],
            [
              'lastChange',
              lastChange === null
                ? null
                : `${ago(lastChange.at)}: ${briefText([lastChange.action, lastChange.name, lastChange.version ?? ''].join(' ').trim(), 120)}`,
            ],
            ['imageBased', data.imageBased ? 'yes' : null],
            [
              'database',
              database === null ? null : `${database.path}, changed ${ago(database.modifiedAt) ?? 'at a time unknown'}`,
            ],
          ]),
        ],
        notes: unknownNotes(data),
      };
    },
    fleet: ({ looks }) => {
      const values = (read: (look: Look<PackageFacts>) => string | number | boolean | null) =>
        looks.map((look) => {
          const value = read(look);
          return { node: look.node, value: value === null || value === '' ? null : String(value) };
        });
      const counts = looks.map(({ node, data }) => ({ node, installed: data.installed })).filter(isCounted);
      counts.sort((a, b) => a.installed - b.installed);
      const [least, most] = [counts[0], counts.at(-1)];
      return {
        summary: fleetSummary(looks),
        tables: [
          rollUpTable([
            ['broken', values(({ data }) => (data.broken === null ? null : (showBroken(data) ?? 'none')))],
            ['unfinished', values(({ data }) => data.unfinished)],
            ['pending', values(({ data }) => kindOfPending(data))],
            ['listsAge', values(listsAge)],
            ['unattendedUpgrades', values(({ data }) => data.unattendedUpgrades)],
            ['held', values(({ data }) => (data.held === null ? null : listHeld(data.held) || 'none'))],
            [
              'rebootRequiredBy',
              values(({ data }) =>
                data.rebootRequiredBy === null ? null : listNames(data.rebootRequiredBy, 3) || 'none',
              ),
            ],
            ['manager', values(({ data }) => data.manager)],
            ['imageBased', values(({ data }) => data.imageBased)],
          ]),
        ],
        notes: [
          ...mostPending(looks),
          ...(least === undefined || most === undefined || least.installed === most.installed
            ? []
            : [`installed: from ${least.installed} on ${least.node} to ${most.installed} on ${most.node}`]),
        ],
      };
    },
  }),
  find: findPackages,
};

function isCounted(count: { node: string; installed: number | null }): count is { node: string; installed: number } {
  return count.installed !== null;
}

function summaryOf({ data, answeredAt }: Look<PackageFacts>): string {
  const { manager, installed, broken, held, pending } = data;
  const looked = lookedAt(data);
  const parts = [
    manager === 'none' ? 'an image, without packages' : manager,
    installed === null ? (manager === 'none' ? null : 'not known how many packages') : countOf(installed, 'package'),
    broken === null || broken.total === 0 ? null : `${broken.total} broken`,
    pending === null ? null : `${showPending(data)} pending`,
    held === null || held.total === 0 ? null : `${held.total} held`,
    looked === null ? null : `looked for updates ${showAge(secondsBetween(looked, answeredAt))} ago`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function fleetSummary(looks: readonly Look<PackageFacts>[]): string {
  const on = (test: (data: PackageFacts) => boolean) => looks.filter(({ data }) => test(data)).length;
  const broken = on((data) => (data.broken?.total ?? 0) > 0);
  const security = on((data) => (data.pending?.securityUpdates ?? 0) > 0);
  const uncounted = on((data) => data.pending === null);
  const stale = looks.filter((look) => listsAge(look) === 'over 2 weeks').length;
  const parts = [
    broken === 0 ? 'no broken packages' : `broken packages on ${broken}`,
    security > 0
      ? `security updates pending on ${security}`
      : uncounted < looks.length
        ? 'no security updates pending'
        : null,
    uncounted === 0 ? null : `pending updates not known on ${uncounted}`,
    stale === 0 ? null : `not looked for updates for over 2 weeks on ${stale}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** When the host last looked for updates, as far as it can be told. */
function lookedAt({ listsChangedAt, lastUpdateSuccessAt }: PackageFacts): string | null {
  return (
    [listsChangedAt, lastUpdateSuccessAt]
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? null
  );
}

function listsAge({ data, answeredAt }: Look<PackageFacts>): string | null {
  const looked = lookedAt(data);
  if (looked === null) return null;
  const seconds = secondsBetween(looked, answeredAt);
  return LIST_AGES.find(([most]) => seconds < most)?.[1] ?? null;
}

function showBroken({ broken }: PackageFacts): string | null {
  if (broken === null || broken.total === 0) return null;
  const names = broken.packages.map(({ name, state }) => briefText(`${name} (${state})`, 100));
  const rest = broken.total - Math.min(names.length, 5);
  return `${names.slice(0, 5).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function showPending({ pending }: PackageFacts): string {
  if (pending === null) return '';
  const security = pending.securityUpdates;
  return `${countOf(pending.updates, 'update')}${security === null ? '' : ` (${security} for security)`}`;
}

function kindOfPending({ pending }: PackageFacts): string | null {
  if (pending === null) return null;
  if ((pending.securityUpdates ?? 0) > 0) return 'security updates';
  return pending.updates > 0 ? 'updates' : 'none';
}

/** The nodes furthest behind. */
function mostPending(looks: readonly Look<PackageFacts>[]): string[] {
  const security = ({ data }: Look<PackageFacts>) => data.pending?.securityUpdates ?? 0;
  const updates = ({ data }: Look<PackageFacts>) => data.pending?.updates ?? 0;
  const behind = looks.filter((look) => updates(look) > 0);
  behind.sort((a, b) => security(b) - security(a) || updates(b) - updates(a));
  const names = behind.slice(0, 3).map((look) => `${look.node} ${showPending(look.data)}`);
  return names.length === 0 ? [] : [`most pending: ${names.join(', ')}`];
}

function listHeld({ total, names }: NonNullable<PackageFacts['held']>): string {
  const shown = names.slice(0, 8).map((name) => briefText(name, 80));
  return `${shown.join(', ')}${total > shown.length ? ` and ${total - shown.length} more` : ''}`;
}

function unknownNotes({ pending, pendingReason }: PackageFacts): string[] {
  if (pending !== null) return [];
  return pendingReason === 'unsupported'
    ? ['pending updates are not known: this host does not count them itself']
    : [`pending updates are not known: ${pendingReason ?? 'no reason given'}`];
}
