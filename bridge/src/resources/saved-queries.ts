import { withDeadline } from '../deadline.ts';
import { type DirectoryLook, problemOf, readQueryDirectory } from './query-directory.ts';
import { parseSavedQuery, type QueryFile, type SavedQuery } from './saved-query.ts';

/** A saved query and where it comes from: with the bridge, from the operator, or from the operator in place of a shipped one. */
export interface CataloguedQuery extends SavedQuery {
  origin: 'shipped' | 'added' | 'replaced';
}

/** Every saved query, by file name. What the operator's directory holds is looked at again by who asks, every 5 s at most. */
export interface SavedQueries {
  all(): Promise<readonly CataloguedQuery[]>;
}

/** What a look at the operator's directory found: files that cannot be served, and shipped ones that it replaces. */
export interface CatalogueReport {
  problems: string[];
  replaced: string[];
}

interface SavedQueriesOptions {
  shipped: readonly QueryFile[];
  /** The operator's; null for none. */
  directory: string | null;
  /** Told after the first look, and whenever a later one finds something else. */
  onChange(report: CatalogueReport): void;
  /** Milliseconds, of a clock that only goes forward. */
  clock?: () => number;
}

const LOOK_AGAIN_MS = 5000;
const LOOK_TIMEOUT_MS = 1000;

/**
 * The catalogue of saved queries; it begins to look at once. A file of the operator that is wrong is reported and left out,
 * with the shipped one of its name staying; a directory that cannot be read leaves what it held before.
 * @throws {Error} when a shipped file is wrong, which is a bug
 */
export function createSavedQueries(options: SavedQueriesOptions): SavedQueries {
  const { directory, onChange, clock = () => performance.now() } = options;
  const shipped = new Map(options.shipped.map((file) => [file.file, shippedQuery(file)]));
  let known: readonly CataloguedQuery[] = byFile(shipped);
  if (directory === null) return { all: async () => known };

  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  let reading: Promise<DirectoryLook> | null = null;
  let reported = '';
  const report = (found: CatalogueReport) => {
    const said = JSON.stringify(found);
    if (said !== reported && (reported !== '' || said !== NOTHING)) onChange(found);
    reported = said;
  };

  async function look(path: string): Promise<void> {
    const problem = (what: string) => report({ problems: [`${path} ${what}`], replaced: [] });
    try {
      // A file system that hangs must not hold up those who ask for a shipped query, nor one thread after the other.
      reading ??= readQueryDirectory(path).finally(() => {
        reading = null;
      });
      const read = reading;
      const { files, problems } = await withDeadline(
        { ms: LOOK_TIMEOUT_MS, signal: new AbortController().signal, late: () => new Error('late') },
        () => read,
      );
      const { queries, problems: mistakes } = parseAll(files);
      const merged = new Map(shipped);
      for (const query of queries)
        merged.set(query.file, { ...query, origin: shipped.has(query.file) ? 'replaced' : 'added' });
      known = byFile(merged);
      const replaced = known.filter(({ origin }) => origin === 'replaced').map(({ file }) => file);
      report({ problems: [...problems, ...mistakes].map((each) => `${path}: ${each}`), replaced });
    } catch (error) {
      problem(error instanceof Error && error.message === 'late' ? 'does not answer' : problemOf(error));
    }
  }

  async function all(): Promise<readonly CataloguedQuery[]> {
    if (looking === null && clock() - lookedAt >= LOOK_AGAIN_MS && directory !== null) {
      looking = look(directory).finally(() => {
        lookedAt = clock();
        looking = null;
      });
    }
    await looking;
    return known;
  }
  void all();
  return { all };
}

const NOTHING = JSON.stringify({ problems: [], replaced: [] } satisfies CatalogueReport);

function parseAll(files: readonly QueryFile[]): { queries: SavedQuery[]; problems: string[] } {
  const queries: SavedQuery[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const parsed = parseSavedQuery(file);
    if ('problems' in parsed) problems.push(...parsed.problems);
    else queries.push(parsed);
  }
  return { queries, problems };
}

function shippedQuery(file: QueryFile): CataloguedQuery {
  const parsed = parseSavedQuery(file);
  if ('problems' in parsed) throw new Error(`a shipped query is wrong: ${parsed.problems.join('; ')}`);
  return { ...parsed, origin: 'shipped' };
}

function byFile(queries: ReadonlyMap<string, CataloguedQuery>): CataloguedQuery[] {
  return [...queries.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}
