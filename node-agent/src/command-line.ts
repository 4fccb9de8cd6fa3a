import { parseArgs } from 'node:util';
import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { type CommandLineSettings, flagOptions, settingsHelp } from '@telemcp/shared/settings';
import { AgentSettings } from './config.ts';

/** What the command line asks for. `wrong` says what is wrong with it and what there is instead. */
export type Command =
  | { name: 'serve'; settings: CommandLineSettings }
  | { name: 'facts'; settings: CommandLineSettings; families: readonly FamilyName[]; json: boolean }
  | { name: 'help' | 'version' }
  | { name: 'wrong'; message: string };

const OPTIONS: Readonly<Record<string, { type: 'string' | 'boolean'; short?: string }>> = {
  ...flagOptions(AgentSettings),
  insecure: { type: 'boolean' },
  'allow-root-bus': { type: 'boolean' },
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
};

const wrong = (message: string): Command => ({ name: 'wrong', message });

/** Reads the arguments after the program's own name. */
export function parseCommandLine(args: readonly string[]): Command {
  // Not strict: parseArgs' own messages tell neither what exists nor which value is missing.
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...OPTIONS },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given: Record<string, string | true> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const option = OPTIONS[token.name];
    if (option === undefined) return wrong(`no such option: ${token.rawName}; there are ${flagList()}`);
    const takesValue = option.type === 'string';
    if (takesValue && (token.value === undefined || (token.value.startsWith('--') && !token.inlineValue)))
      return wrong(`${token.rawName} needs a value: ${token.rawName}=…`);
    if (!takesValue && token.value !== undefined) return wrong(`${token.rawName} takes no value`);
    given[token.name] = token.value ?? true;
  }
  if (given.help) return { name: 'help' };
  if (given.version) return { name: 'version' };
  const { config, json, ...flags } = given;
  const settings = { flags, configPath: typeof config === 'string' ? config : undefined };
  const [command, ...rest] = words;
  if (command === 'serve') {
    if (rest[0] !== undefined) return wrong(`serve takes no argument: ${rest[0]}`);
    if (json) return wrong('--json goes with facts');
    return { name: 'serve', settings };
  }
  if (command === 'facts') {
    const families = FAMILY_NAMES.filter((family) => rest.includes(family));
    const unknown = rest.find((word) => !FAMILY_NAMES.some((family) => family === word));
    if (unknown !== undefined) return wrong(`no such family: ${unknown}; there are ${FAMILY_NAMES.join(', ')}`);
    return { name: 'facts', settings, families, json: json === true };
  }
  const problem = command === undefined ? 'no command given' : `no such command: ${command}`;
  return wrong(`${problem}; there are serve and facts`);
}

/** The text of `--help`. `families` says in a sentence each what there is to know. */
export function helpText(families: readonly { family: string; help: string }[]): string {
  const width = Math.max(...families.map(({ family }) => family.length));
  return `telemcp-node-agent tells what it sees of this host, read-only: over HTTP to a bridge, or here to you.

Usage:
  telemcp-node-agent serve [options]            answer over HTTP until stopped
  telemcp-node-agent facts [family…] [--json]   look once and print what was found
  telemcp-node-agent --help | --version

Families:
${families.map(({ family, help }) => `  ${family.padEnd(width)}  ${help}`).join('\n')}

Examples:
  telemcp-node-agent facts                      what needs attention on this host, worst first
  telemcp-node-agent facts certificates --json  one family as a program reads it
  telemcp-node-agent serve                      then: curl http://127.0.0.1:9110/v1/facts/systemd
  telemcp-node-agent serve --listen=unix:/run/telemcp/pki.sock --families=certificates
  telemcp-node-agent serve --delegates=certificates=unix:/run/telemcp/pki.sock
  TELEMCP_HOST_ROOT=/host telemcp-node-agent serve --config /etc/telemcp/agent.yaml

Settings, each as a flag, as an environment variable, or under the flag's name in camelCase in the YAML file that
--config names; a flag wins over the environment, the environment over the file:
${settingsHelp(AgentSettings)}

"facts" ends with 0 when anything could be collected, with 1 when nothing could; wrong settings end with 1, a wrong
command line with 2.
`;
}

function flagList(): string {
  return Object.keys(OPTIONS)
    .map((name) => `--${name}`)
    .join(', ');
}
