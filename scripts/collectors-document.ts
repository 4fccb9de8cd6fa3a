import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FAMILIES } from '@telemcp/shared/families';
import * as z from 'zod';
import type { Collector } from '../node-agent/src/collector.ts';
import { fieldComments } from './field-comments.ts';
import { codeList, generatedFrom, prose, table } from './markdown.ts';
import { type NamedObject, namedObjects } from './schema-table.ts';

/** COLLECTORS.md: every family of facts, what it reads on the host, and its fields. */
export async function collectorsDocument(collectors: readonly Collector[]): Promise<string> {
  const sections: string[] = [];
  for (const collector of collectors) sections.push(await section(collector));
  return `# Collectors

${generatedFrom('`node-agent/src/collectors.ts` and `shared/src/facts/`')}

One collector looks for one family of facts, served at \`/v1/facts/{family}\`. It reads the paths and calls the D-Bus names
below and nothing else. Null means that the host does not say; what could not be looked at is in the envelope's \`missing\`.

${table(
  ['family', 'what it says'],
  collectors.map(({ family, help }) => [`[\`${family}\`](#${family})`, prose(help)]),
)}

${sections.join('\n\n')}
`;
}

async function section(collector: Collector): Promise<string> {
  const path = fileURLToPath(new URL(`../shared/src/facts/${collector.family}.ts`, import.meta.url));
  const comments = fieldComments(readFileSync(path, 'utf8'));
  const exported: Record<string, unknown> = { ...(await import(pathToFileURL(path).href)) };
  const names = new Map<z.core.$ZodType, string>();
  for (const [name, schema] of Object.entries(exported)) if (schema instanceof z.ZodObject) names.set(schema, name);
  const reads = table(
    ['reads', 'D-Bus names', 'kept for', 'time limit'],
    [
      [
        codeList(collector.hostPaths, 'no files'),
        codeList(collector.busNames, 'none'),
        duration(collector.ttlMs),
        duration(collector.timeoutMs),
      ],
    ],
  );
  const fields = namedObjects(FAMILIES[collector.family], names).map((object) => fieldTable(object, comments));
  return `## \`${collector.family}\`\n\n${prose(collector.help)}\n\n${reads}\n\n${fields.join('\n\n')}`;
}

function fieldTable(object: NamedObject, comments: ReadonlyMap<string, string>): string {
  const rows = object.rows.map((row) => {
    const said = row.description || comments.get(`${object.name}.${row.path.replaceAll('[]', '')}`) || '';
    return [`\`${row.path}\``, row.required ? row.type : `${row.type}, may be left out`, prose(said)];
  });
  return `### ${object.name}\n\n${prose(comments.get(object.name) ?? '')}\n\n${table(['field', 'type', 'meaning'], rows)}`;
}

function duration(ms: number): string {
  if (ms % 60_000 === 0 && ms > 0) return `${ms / 60_000} min`;
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
