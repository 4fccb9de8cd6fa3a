import type { Tool } from '../bridge/src/tool.ts';
import { inputJsonSchema } from '../bridge/src/tool-arguments.ts';
import { spellTool } from '../bridge/src/tool-names.ts';
import { generatedFrom, prose, table } from './markdown.ts';
import { fieldRows } from './schema-table.ts';

/** TOOLS.md: what a model is told of every tool, and its arguments. */
export function toolsDocument(tools: readonly Tool[]): string {
  return `# Tools

${generatedFrom('`bridge/src/tools.ts`')}

A tool is called under either of its names. Lists show the one with \`_\`, which every client takes; \`toolNames: dotted\`
lists the other one. All tools only read. An argument that a tool does not know is refused by name.

${table(
  ['tool', 'listed as', 'answers'],
  tools.map((tool) => [
    `[\`${tool.name}\`](#${anchorOf(tool.name)})`,
    `\`${spellTool(tool.name, 'underscore')}\``,
    prose(tool.title),
  ]),
)}

${tools.map(section).join('\n\n')}
`;
}

function section(tool: Tool): string {
  const rows = fieldRows(inputJsonSchema(tool));
  const args = table(
    ['argument', 'type', 'default', 'meaning'],
    rows.map((row) => [`\`${row.path}\``, row.type, presetOf(row), prose(row.description)]),
  );
  return `## \`${tool.name}\`\n\n${prose(tool.description)}\n\n${rows.length === 0 ? 'It takes no arguments.' : args}`;
}

function presetOf(row: { required: boolean; preset: string }): string {
  if (row.preset !== '') return `\`${row.preset}\``;
  return row.required ? 'required' : '';
}

/** The anchor GitHub gives a heading: lower case, without punctuation. */
function anchorOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9_-]/g, '');
}
