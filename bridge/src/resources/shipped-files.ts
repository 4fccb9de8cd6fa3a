import { readdirSync, readFileSync } from 'node:fs';
import type { QueryFile } from './saved-query.ts';

const DIRECTORY = new URL('../../dashboards/', import.meta.url);

/** The saved queries that come with the bridge, by name. In the bundle the build puts them in place of this function. */
export function shippedFiles(): QueryFile[] {
  return readdirSync(DIRECTORY)
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, DIRECTORY), 'utf8') }));
}
