import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);

/** The user that every distribution has and that may do nothing: `nobody`. */
const NOBODY = 65_534;

/** What turns a command into one of `nobody`, without groups, capabilities or a way to get them. Needs root. */
const AS_NOBODY = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--bounding-set=-all',
  '--no-new-privs',
] as const;

/** Node and a program in a directory that everybody may read, wherever this checkout lies. */
export interface ReadablePlace {
  node: string;
  /** The bundle of the module that was given. */
  program: string;
  remove(): void;
}

/** Bundles a module's source, whose imports are relative to this checkout's root, to where `nobody` can run it. */
export async function readablePlace(source: string): Promise<ReadablePlace> {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-nobody-'));
  const [node, program] = [join(directory, 'node'), join(directory, 'program.mjs')];
  copyFileSync(process.execPath, node);
  await build({
    stdin: { contents: source, resolveDir: new URL('../..', import.meta.url).pathname, loader: 'ts' },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['x11', 'usocket'],
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  });
  for (const [path, mode] of [
    [directory, 0o755],
    [node, 0o755],
    [program, 0o644],
  ] as const)
    chmodSync(path, mode);
  return { node, program, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Runs a module as `nobody` with `directory` as its working directory, which root has opened. @returns its standard output */
export async function runAsNobody(source: string, directory: string): Promise<string> {
  const place = await readablePlace(source);
  try {
    const [command, ...args] = [...AS_NOBODY, place.node, place.program];
    return (await run(command ?? '', args, { cwd: directory })).stdout;
  } finally {
    place.remove();
  }
}
