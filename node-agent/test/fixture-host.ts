import { fileURLToPath } from 'node:url';
import { FactError } from '../src/fact-error.ts';
import { createHostRoot, type HostRoot } from '../src/host-root.ts';

/** What stands in place of a file: other text, a failure, or null for "not there". */
type Override = string | FactError | null;

/** Overriding files opened so far, so that no two are taken for the same. */
let files = 0;

/** A fake host root of `fixtures/`, with single files replaced. */
export function fixtureHost(name: string, overrides: Readonly<Record<string, Override>> = {}): HostRoot {
  const prefix = fileURLToPath(new URL(`fixtures/root-${name}`, import.meta.url));
  const host = createHostRoot(prefix, new AbortController().signal);
  const overridden = (path: string): string | undefined => {
    const found = overrides[path];
    if (found instanceof FactError) throw found;
    if (found === null) throw new FactError('not_found', `${path}: ENOENT`);
    return found;
  };
  return {
    readBytes: async (path, options) => {
      const text = overridden(path);
      return text === undefined ? host.readBytes(path, options) : Buffer.from(text);
    },
    readText: async (path, options) => overridden(path) ?? host.readText(path, options),
    withFile: async (path, use) => {
      const text = overridden(path);
      if (text === undefined) return host.withFile(path, use);
      const bytes = Buffer.from(text);
      files += 1;
      return use({
        sizeBytes: bytes.length,
        modifiedAt: new Date(0),
        version: `override ${files}`,
        read: async (position, length) => bytes.subarray(position, position + length),
      });
    },
    list: async (path, options) => {
      overridden(path);
      return host.list(path, options);
    },
    modifiedAt: async (path) => {
      overridden(path);
      return host.modifiedAt(path);
    },
    resolve: async (path, options) => overridden(path) ?? host.resolve(path, options),
    statfs: async (path) => {
      overridden(path);
      return host.statfs(path);
    },
  };
}
