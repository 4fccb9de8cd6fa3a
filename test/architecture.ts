import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

const TIERS = ['shared', 'node-agent', 'bridge'];

/** One import of a file. `names` is what stands between the braces; null where a whole module is taken. */
interface Import {
  specifier: string;
  names: readonly string[] | null;
}

interface SourceFile {
  /** Relative to the root, with slashes. */
  path: string;
  text: string;
  imports: readonly Import[];
}

/** A rule about imports: which files it is about, what they may not import, and the sentence that says so. */
interface Rule {
  about(file: SourceFile): boolean;
  forbids(found: Import, file: SourceFile): boolean;
  says: string;
}

const isTest = (file: SourceFile) => file.path.endsWith('.test.ts');
const tierOf = (file: SourceFile) => file.path.split('/')[0] ?? '';
const isAgent = (file: SourceFile) => file.path.startsWith('node-agent/src/') && !isTest(file);
const isBridge = (file: SourceFile) => file.path.startsWith('bridge/src/') && !isTest(file);
const isTool = (file: SourceFile) => isBridge(file) && file.path.startsWith('bridge/src/tools/');
const isRelative = (found: Import) => found.specifier.startsWith('.');
/** The path a relative import leads to; the bare name of any other. */
const targetOf = (found: Import, file: SourceFile) =>
  isRelative(found) ? posix.join(posix.dirname(file.path), found.specifier) : found.specifier;
const isFrom = (name: string, found: Import) => found.specifier === name || found.specifier.startsWith(`${name}/`);
const isBuiltin = (name: string, found: Import) => isFrom(`node:${name}`, found) || isFrom(name, found);

/** Only these files of the bridge know the MCP SDK. */
const SDK_FILES = ['mcp-server.ts', 'http.ts', 'stdio-command.ts', 'ask-command.ts'].map(
  (name) => `bridge/src/${name}`,
);
/** The agent's own files (settings, keys, its socket) are met here; the host's only in file-calls.ts and host-root.ts. */
const FS_FILES = ['file-calls.ts', 'host-root.ts', 'main.ts', 'config.ts', 'tls.ts', 'listening.ts'].map(
  (name) => `node-agent/src/${name}`,
);
/** The one change it makes to a file system: a unix socket that a dead process left behind must go before it can listen. */
const removesStaleSocket = (found: string, file: SourceFile) =>
  found === 'unlink' && file.path === 'node-agent/src/listening.ts';
/** What of node:fs can change nothing. `open` is file-calls', with the O_RDONLY of host-root. */
const FS_READS =
  /^(type )?(access|close|constants|createReadStream|Dirent|exists|fstat|lstat|open|opendir|read|readdir|readFile|readlink|realpath|stat|statfs|Stats|watch)(Sync)?$/;

const RULES: readonly Rule[] = [
  {
    about: (file) => TIERS.includes(tierOf(file)),
    forbids: (found, file) => isRelative(found) && !targetOf(found, file).startsWith(`${tierOf(file)}/`),
    says: 'a package imports another by its name only, never by a path',
  },
  {
    about: (file) => ['node-agent', 'bridge'].includes(tierOf(file)),
    forbids: (found) => found.specifier.startsWith('@telemcp/') && !isFrom('@telemcp/shared', found),
    says: 'the tiers know only @telemcp/shared, never each other',
  },
  {
    about: (file) => tierOf(file) === 'shared' && !isTest(file),
    forbids: (found) => !isRelative(found) && found.specifier !== 'zod' && !found.specifier.startsWith('node:'),
    says: 'the wire contract imports zod and nothing else',
  },
  {
    about: isTool,
    forbids: (found, file) => targetOf(found, file).startsWith('bridge/src/tools/'),
    says: 'a tool never imports another tool',
  },
  {
    about: isTool,
    forbids: (found, file) => targetOf(found, file) === 'bridge/src/config.ts',
    says: 'a tool gets what it needs through its context, not from config.ts',
  },
  {
    about: (file) => isBridge(file) && !SDK_FILES.includes(file.path),
    forbids: (found) => found.specifier.startsWith('@modelcontextprotocol/'),
    says: `the MCP SDK is imported only by ${SDK_FILES.join(', ')}`,
  },
  {
    about: (file) => isAgent(file) && file.path !== 'node-agent/src/dbus/dbus-link.ts',
    forbids: (found) => isFrom('dbus-next', found),
    says: 'dbus-next is imported only by node-agent/src/dbus/dbus-link.ts',
  },
  {
    about: (file) => isAgent(file) && !/^node-agent\/src\/(certificates\/|(.*\/)?pkcs12\.ts$)/.test(file.path),
    forbids: (found) => isFrom('node-forge', found),
    says: 'node-forge is imported only by the PKCS#12 reader',
  },
  {
    about: isAgent,
    forbids: (found) => ['child_process', 'cluster', 'worker_threads'].some((name) => isBuiltin(name, found)),
    says: 'the node agent starts no process and no thread',
  },
  {
    about: (file) => isAgent(file) || isBridge(file),
    forbids: (found) => found.specifier === COMPUTED || isBuiltin('module', found),
    says: 'what is imported must be readable from the source: no computed import, no node:module',
  },
  {
    about: (file) => isAgent(file) && !FS_FILES.includes(file.path),
    forbids: (found) =>
      isBuiltin('fs', found) && !(found.names?.every((name) => /^(type )?(Dirent|Stats)$/.test(name)) ?? false),
    says: `the host's files are read through the context; node:fs is for ${FS_FILES.join(', ')}`,
  },
  {
    about: isAgent,
    forbids: (found, file) =>
      isBuiltin('fs', found) &&
      !(found.names?.every((name) => FS_READS.test(name) || removesStaleSocket(name, file)) ?? false),
    says: 'the node agent writes no file: of node:fs it names the functions it uses, reading ones only',
  },
];

const COMPUTED = '(computed)';

/** Every breach of the rules on imports and places under `root`, one line each. */
export function importViolations(root: string): string[] {
  return TIERS.flatMap((tier) => sourcesUnder(root, tier)).flatMap((file) => {
    const breaches = file.imports.flatMap((found) =>
      RULES.filter((rule) => rule.about(file) && rule.forbids(found, file)).map(
        (rule) => `${file.path} imports ${found.specifier}: ${rule.says}`,
      ),
    );
    const place = /(^|\/)((utils?|helpers?|common|lib|types)\/|index\.ts$)/.exec(file.path);
    if (place !== null) breaches.push(`${file.path}: no ${place[2]} here; a file is named after what it does`);
    if (isAgent(file) && /\bgetBuiltinModule\b|\bprocess\.binding\b/.test(file.text))
      breaches.push(`${file.path}: takes a built-in module past its imports`);
    return breaches;
  });
}

/** What `source` imports, types included. Relies on the formatter: an import starts its line. */
export function importsOf(source: string): Import[] {
  const code = source.replace(/^\s*(\/\/|\/\*|\*).*$/gm, '');
  const found: Import[] = [];
  const statement =
    /^(?:import(?:\s+type)?\s+([\w$*\s{},]+?)\s*from|export(?:\s+type)?\s*(\*[\w$\s]*|\{[^}]*\})\s*from|import)\s*['"]([^'"]+)['"]/gm;
  for (const [, imported, exported, specifier = ''] of code.matchAll(statement)) {
    const braces = /^\{([^}]*)\}$/.exec((imported ?? exported ?? '').trim());
    const names = braces?.[1]?.split(',').map((name) => name.trim().replace(/\s+as\s+.*$/, ''));
    found.push({ specifier, names: names?.filter((name) => name !== '') ?? null });
  }
  for (const [, literal] of code.matchAll(/(?<![.\w$])(?:import|require)\s*\(\s*(?:['"]([^'"]+)['"])?/g)) {
    found.push({ specifier: literal ?? COMPUTED, names: null });
  }
  return found;
}

/** A folder of capabilities with the array that lists them and the document that describes them. */
export interface Registry {
  folder: string;
  registry: string;
  /** The exported array. */
  list: string;
  /** The property of an entry that the file is named after. */
  key: string;
  document: string;
}

export const REGISTRIES: readonly Registry[] = [
  {
    folder: 'node-agent/src/collectors',
    registry: 'node-agent/src/collectors.ts',
    list: 'collectors',
    key: 'family',
    document: 'COLLECTORS.md',
  },
  { folder: 'bridge/src/tools', registry: 'bridge/src/tools.ts', list: 'tools', key: 'name', document: 'TOOLS.md' },
];

/** Every capability that its folder, its array, its test, its name and its document do not agree on, one line each. */
export async function registryGaps(root: string, kind: Registry): Promise<string[]> {
  const listed = await entriesOf(root, kind);
  const files = readdirSync(join(root, kind.folder)).filter((name) => name.endsWith('.ts'));
  const documentPath = join(root, kind.document);
  const document = existsSync(documentPath) ? readFileSync(documentPath, 'utf8') : '';
  const sources = files.filter((name) => !name.endsWith('.test.ts'));
  const expected = new Set(listed.map((name) => `${name.replace(/[._]/g, '-')}.ts`));
  return [
    ...sources.filter((name) => !expected.has(name)).map((name) => `${kind.folder}/${name} is not in ${kind.registry}`),
    ...listed.flatMap((name) => {
      const file = `${name.replace(/[._]/g, '-')}.ts`;
      const gaps: string[] = [];
      if (!sources.includes(file)) gaps.push(`${name}: no file ${kind.folder}/${file}`);
      if (!files.includes(file.replace('.ts', '.test.ts'))) gaps.push(`${name}: no test beside ${kind.folder}/${file}`);
      if (!document.includes(`## \`${name}\``)) gaps.push(`${name}: not in ${kind.document} (npm run docs)`);
      if (listed.indexOf(name) !== listed.lastIndexOf(name)) gaps.push(`${name}: listed twice in ${kind.registry}`);
      return gaps;
    }),
    ...(await strangers(root, kind, sources)),
  ];
}

/** The names listed in a registry. */
export async function entriesOf(root: string, kind: Registry): Promise<string[]> {
  const exported = await load(join(root, kind.registry));
  return z
    .array(z.record(z.string(), z.unknown()))
    .parse(exported[kind.list])
    .map((entry) => z.string().parse(entry[kind.key]));
}

/** Files whose entry bears another name than the file, so that the registry lists it under a name nobody looks for. */
async function strangers(root: string, kind: Registry, sources: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const name of sources) {
    const exported = await load(join(root, kind.folder, name));
    const named = z.object({ [kind.key]: z.string() });
    const keys = Object.values(exported).flatMap((value) => named.safeParse(value).data?.[kind.key] ?? []);
    if (!keys.some((key) => key.replace(/[._]/g, '-') === basename(name, '.ts')))
      lines.push(
        `${kind.folder}/${name} must export an entry with ${kind.key} = its own name, found ${keys.join(', ') || 'none'}`,
      );
  }
  return lines;
}

async function load(path: string): Promise<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse({ ...(await import(pathToFileURL(path).href)) });
}

function sourcesUnder(root: string, directory: string): SourceFile[] {
  if (!existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'fixtures'].includes(entry.name) ? [] : sourcesUnder(root, path);
    if (!entry.name.endsWith('.ts')) return [];
    const text = readFileSync(join(root, path), 'utf8');
    return [{ path, text, imports: importsOf(text) }];
  });
}
