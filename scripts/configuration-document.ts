import { describeSettings, type SettingDoc } from '@telemcp/shared/settings';
import type { z } from 'zod';
import { codeList, generatedFrom, prose, table } from './markdown.ts';

/** One program with its settings. */
interface Program {
  tier: string;
  command: string;
  source: string;
  settings: z.ZodObject;
}

/** CONFIGURATION.md: every setting of both programs. */
export function configurationDocument(programs: readonly Program[]): string {
  return `# Configuration

${generatedFrom(programs.map((program) => `\`${program.source}\``).join(' and '))}

A setting comes from a YAML file (\`--config <path>\`), from the environment or from a flag; of these the later one wins. A
list is written with commas in the environment and in a flag. All mistakes are reported at once, and the program does not
start with any. A secret belongs in the environment or in the file: every user of a host can read the flags of a
running program.

${programs.map(section).join('\n\n')}
`;
}

function section(program: Program): string {
  const rows = describeSettings(program.settings).map((doc) => [
    `\`${doc.env}\``,
    `\`--${doc.flag}\``,
    `\`${doc.key}\``,
    presetOf(doc),
    `${prose(doc.description)}${doc.secret ? ' Secret.' : ''}`,
  ]);
  return `## ${program.tier} (\`${program.command}\`)\n\n${table(['variable', 'flag', 'YAML key', 'default', 'meaning'], rows)}`;
}

function presetOf(doc: SettingDoc): string {
  if (doc.default === undefined || doc.default === null || doc.default === '') return '';
  if (!Array.isArray(doc.default)) return `\`${String(doc.default)}\``;
  return codeList(doc.default.map(String), 'none');
}
