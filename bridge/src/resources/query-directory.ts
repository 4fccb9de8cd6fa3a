import { constants, type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { languageOf, MAX_QUERY_BYTES, type QueryFile } from './saved-query.ts';

/** What a directory of saved queries held, by name, and what of it could not be taken, each with its file. */
export interface DirectoryLook {
  files: QueryFile[];
  problems: string[];
}

const MAX_FILES = 200;

/**
 * Reads the files of a directory that end in `.promql` or `.logql`; others are not its concern. Symbolic links are followed
 * inside of the directory only: a volume of Kubernetes is made of such.
 * @throws {Error} with `code` when the directory itself cannot be read
 */
export async function readQueryDirectory(directory: string): Promise<DirectoryLook> {
  const root = await realpath(directory);
  const names = (await readdir(root)).filter((name) => /\.(?:promql|logql)$/.test(name)).sort();
  const look: DirectoryLook = { files: [], problems: [] };
  if (names.length > MAX_FILES)
    look.problems.push(
      `${names.length} files; the first ${MAX_FILES} by name are taken, up to ${names[MAX_FILES - 1]}`,
    );
  for (const file of names.slice(0, MAX_FILES)) {
    const read = languageOf(file) === null ? { text: '' } : await readInside(root, file);
    if ('problem' in read) look.problems.push(`${file}: ${read.problem}`);
    else look.files.push({ file, text: read.text });
  }
  return look;
}

async function readInside(root: string, file: string): Promise<{ text: string } | { problem: string }> {
  let handle: FileHandle | null = null;
  try {
    const path = await realpath(join(root, file));
    if (!path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
      return { problem: 'a symbolic link that leads out of the directory' };
    // Without O_NONBLOCK the opening of a FIFO would wait for a writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (!(await handle.stat()).isFile()) return { problem: 'not a regular file' };
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_QUERY_BYTES + 1));
    if (bytesRead > MAX_QUERY_BYTES) return { problem: `over ${MAX_QUERY_BYTES} bytes` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead)) };
  } catch (error) {
    return { problem: problemOf(error) };
  } finally {
    await handle?.close();
  }
}

/** What went wrong with a file or a directory, in a few words. */
export function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'not UTF-8';
  if (code === 'ENOENT') return 'does not exist';
  return code === 'ELOOP' ? 'symbolic links in a circle' : `cannot be read${code === '' ? '' : ` (${code})`}`;
}
