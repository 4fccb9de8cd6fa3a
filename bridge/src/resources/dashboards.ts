import { callTool, type ToolRuntime } from '../call-tool.ts';
import { ToolError } from '../errors.ts';
import { nearestNames } from '../nearest-names.ts';
import { redact } from '../redact.ts';
import type { ListedResource, ResourceClient, ResourceKind, ResourceOutcome } from '../resource.ts';
import { safeText } from '../safe-text.ts';
import type { Tool } from '../tool.ts';
import { callFor } from './query-call.ts';
import type { CataloguedQuery, SavedQueries } from './saved-queries.ts';

interface DashboardsOptions {
  queries: SavedQueries;
  /** Those that saved queries are run by are found among these by name. */
  tools: readonly Tool[];
  runtime: ToolRuntime;
}

const PREFIX = 'res://dashboards/';
const MIME_TYPE = 'text/plain';
const RESULT = /^(?<file>[^/?#]*)(?<result>\/result)?(?:\?(?<parameters>[^#]*))?$/;
const LONGEST_URI = 4096;

/** Saved queries: `res://dashboards/x.promql` is the file, `res://dashboards/x.promql/result` what it comes to now. */
export function createDashboards({ queries, tools, runtime }: DashboardsOptions): ResourceKind {
  async function run(saved: CataloguedQuery, parameters: string, client: ResourceClient): Promise<ResourceOutcome> {
    try {
      const call = callFor(saved, parametersOf(parameters));
      const tool = tools.find(({ name }) => name === call.tool);
      if (tool === undefined) throw new ToolError('not_configured', `this bridge has no tool ${call.tool}`);
      const outcome = await callTool(tool, call.arguments, runtime, client);
      if (!outcome.ok) return { kind: 'failed', code: outcome.code, text: outcome.text };
      const unit = saved.unit === null ? '' : `, in ${saved.unit}`;
      return { kind: 'text', mimeType: MIME_TYPE, text: `${safeText(saved.title)}${safeText(unit)}\n${outcome.text}` };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const hint = error.hint === null ? '' : `\nhint: ${safeText(error.hint)}`;
      return { kind: 'failed', code: error.code, text: `${error.code}: ${safeText(error.message)}${hint}` };
    }
  }

  return {
    list: async () => (await queries.all()).map(listed),
    templates: async () => {
      const names = (await queries.all()).flatMap(({ variables }) => [...variables.keys()]);
      return [
        {
          uriTemplate: `${PREFIX}{file}/result{?${['range', ...new Set(names.sort())].join(',')}}`,
          name: 'result',
          title: 'What a saved query comes to',
          description:
            'Runs a saved query, for example pod-restarts.promql. range is the span to look at, like 6h; the others narrow it by regular expressions.',
          mimeType: MIME_TYPE,
        },
      ];
    },
    read: async (uri, client) => {
      if (!uri.startsWith(PREFIX)) return null;
      const { file = '', result, parameters } = RESULT.exec(uri.slice(PREFIX.length, LONGEST_URI))?.groups ?? {};
      const known = await queries.all();
      const saved = found(file, known);
      if (saved === null || (result === undefined && parameters !== undefined)) return unknown(uri, file, known);
      if (result !== undefined) return run(saved, parameters ?? '', client);
      return { kind: 'text', mimeType: MIME_TYPE, text: redact(saved.text) };
    },
  };
}

function listed({ file, title, description, unit, origin }: CataloguedQuery): ListedResource {
  const words = [
    description,
    ...(unit === null ? [] : [`Unit: ${unit}.`]),
    ...(origin === 'replaced' ? ['In place of the one that comes with the bridge.'] : []),
  ];
  return {
    uri: `${PREFIX}${file}`,
    name: file,
    title: safeText(title),
    description: safeText(words.join(' ')),
    mimeType: MIME_TYPE,
  };
}

/** Its whole file name, or that without its ending where only one has it. */
function found(file: string, known: readonly CataloguedQuery[]): CataloguedQuery | null {
  const [exact] = known.filter((query) => query.file === file);
  const [alike, another] = known.filter(({ file: each, language }) => each === `${file}.${language}`);
  return exact ?? (another === undefined ? (alike ?? null) : null);
}

function unknown(uri: string, file: string, known: readonly CataloguedQuery[]): ResourceOutcome {
  const names = known.map((query) => query.file);
  const near = nearestNames(file, names, 5);
  const advice =
    near.length > 0
      ? `near it: ${near.map((name) => `${PREFIX}${name}`).join(', ')}`
      : `resources/list has all ${names.length}`;
  const shown = safeText(uri).slice(0, 120);
  return { kind: 'unknown', message: `no resource ${JSON.stringify(shown)}; ${advice}` };
}

/**
 * The parameters of a URI, as RFC 6570 has them expanded. `+` is itself: it is no form that is sent here.
 * @throws {ToolError} `invalid_argument` for what cannot be decoded or comes twice
 */
function parametersOf(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of text.split('&').filter((each) => each !== '')) {
    const [, written = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    const name = decode(written);
    if (parameters.has(name)) throw new ToolError('invalid_argument', `${name.slice(0, 60)}: given twice`);
    parameters.set(name, decode(value));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ToolError('invalid_argument', `${text.slice(0, 60)}: not percent-encoded UTF-8`);
  }
}
