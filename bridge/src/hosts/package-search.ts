import type { PackageList, PackageRow } from '@telemcp/shared/facts/packages';
import { PackageListAnswer } from '@telemcp/shared/families';
import { PackagesQuery, ROUTES } from '@telemcp/shared/routes';
import type { Cell, Table } from '../answer.ts';
import { briefText, countOf, listNames } from '../brief-text.ts';
import { invalidArgument } from '../errors.ts';
import type { ToolContext } from '../tool.ts';
import { type FamilyQuestion, type FamilyStory, type FamilyTold, tellFleet } from './family-view.ts';
import type { FleetLooks, Look } from './fleet-looks.ts';
import { rollUp } from './roll-up.ts';

/** Rows asked of one node alone, and of each of several. */
const LIMIT_OF_ONE = 500;
const LIMIT_OF_MANY = 200;
const ROWS = 50;

/** Installed packages with a text in their name, `*` standing for anything: on one node each, on several by version. */
export async function findPackages(
  { node, filter }: FamilyQuestion & { filter: string },
  context: ToolContext,
): Promise<FamilyTold> {
  const name = `*${filter}*`.replace(/\*{2,}/g, '*');
  if (/[?[\]!^]/.test(filter) || !PackagesQuery.shape.name.safeParse(name).success) {
    throw invalidArgument(
      'filter',
      `no package has ${JSON.stringify(filter)} in its name`,
      'Give a part of a name; * matches anything.',
    );
  }
  const query = { name, limit: node === undefined ? LIMIT_OF_MANY : LIMIT_OF_ONE };
  return tellFleet({ path: ROUTES.packages, query, node, schema: PackageListAnswer }, context, (fleet, first) =>
    fleet.looks.length === 1 ? tellOne(first, filter) : tellMany(fleet, filter),
  );
}

function tellOne({ data, total }: Look<PackageList>, filter: string): FamilyStory {
  const found = total ?? data.packages.length;
  const summary = `${countOf(found, 'installed package')} with ${JSON.stringify(filter)}`;
  const rows = data.packages.toSorted((a, b) => rankOf(a.name, filter) - rankOf(b.name, filter));
  if (rows.length === 0) return { summary, tables: [] };
  const architectures = new Set(rows.map((row) => row.architecture));
  const [only] = architectures.size === 1 ? architectures : [null];
  const withState = rows.some((row) => stateOf(row) !== null);
  const columns = ['package', 'version', ...(only == null ? ['arch'] : []), ...(withState ? ['state'] : [])];
  const cells = rows.map((row): Cell[] => [
    briefText(row.name, 120),
    row.version === null ? null : briefText(row.version, 120),
    ...(only == null ? [row.architecture] : []),
    ...(withState ? [stateOf(row)] : []),
  ]);
  return {
    summary,
    tables: [
      {
        ...(only == null ? {} : { common: { arch: only } }),
        columns,
        rows: cells,
        order: 'by name',
        limit: ROWS,
        ...(found > rows.length ? { total: found } : {}),
      },
    ],
  };
}

/** A package of some name over the fleet: what each node has of it. */
interface PackageOverNodes {
  name: string;
  versions: Map<string, Set<string>>;
}

function tellMany({ looks }: FleetLooks<PackageList>, filter: string): FamilyStory {
  const found = groupByName(looks);
  const groups = [...found.values()].map((group) => ({ ...group, ...describe(group, looks) }));
  groups.sort(
    (a, b) =>
      rankOf(a.name, filter) - rankOf(b.name, filter) ||
      Number(b.differs) - Number(a.differs) ||
      b.versions.size - a.versions.size ||
      (a.name < b.name ? -1 : 1),
  );
  const differing = groups.filter(({ differs }) => differs).length;
  const cut = looks.filter((look) => (look.total ?? 0) > look.data.packages.length);
  const notes = cut
    .slice(0, 3)
    .map(
      ({ node, data, total }) =>
        `${node}: ${data.packages.length} of ${total} matching packages were read; narrow the filter`,
    );
  const many = `${countOf(groups.length, 'package')} with ${JSON.stringify(filter)} on ${countOf(looks.length, 'node')}`;
  const versions =
    groups.length === 0 ? '' : differing === 0 ? ', one version of each' : `, versions differ for ${differing}`;
  const table: Table = {
    columns: ['package', 'version', 'nodes', 'others'],
    rows: groups.map(({ row }) => row),
    order: 'differing first',
    limit: ROWS,
  };
  return { summary: many + versions, tables: groups.length === 0 ? [] : [table], notes };
}

function groupByName(looks: readonly Look<PackageList>[]): Map<string, PackageOverNodes> {
  const found = new Map<string, PackageOverNodes>();
  for (const { node, data } of looks) {
    for (const row of data.packages) {
      const group = found.get(row.name) ?? { name: row.name, versions: new Map<string, Set<string>>() };
      const state = stateOf(row);
      // Architectures of one package, and kernels side by side, are one row.
      const version = [row.version ?? 'unknown', state === null ? '' : `(${state})`].join(' ').trim();
      group.versions.set(node, (group.versions.get(node) ?? new Set()).add(version));
      found.set(row.name, group);
    }
  }
  return found;
}

function describe({ name, versions }: PackageOverNodes, looks: readonly Look<PackageList>[]) {
  const having = [...versions].map(([node, each]) => ({ node, value: [...each].sort().join(' ') }));
  const rolled = rollUp(having);
  const without = looks.map(({ node }) => node).filter((node) => !versions.has(node));
  // Of a package that few have it matters where it is, of one that most have, where it is not.
  const isRare = without.length > having.length;
  const place = isRare ? `only on ${listNames([...versions.keys()], 5)}` : `not on ${listNames(without, 5)}`;
  const others = [rolled?.others ?? '', without.length === 0 ? '' : place].filter((part) => part !== '').join('; ');
  const row: Cell[] = [
    briefText(name, 120),
    rolled?.majority ?? null,
    rolled?.nodes ?? 0,
    others === '' ? null : others,
  ];
  return { row, differs: (rolled?.others ?? '') !== '' };
}

/** The package of exactly that name comes first, then those that begin with it. */
function rankOf(name: string, filter: string): number {
  const text = filter.toLowerCase();
  const lower = name.toLowerCase();
  return lower === text ? 0 : lower.startsWith(text) ? 1 : 2;
}

/** What is not simply installed. */
function stateOf({ state, held }: PackageRow): string | null {
  const words = [...(state === 'installed' ? [] : [briefText(state, 60)]), ...(held ? ['held'] : [])];
  return words.length === 0 ? null : words.join(', ');
}
