import { readFile } from 'node:fs/promises';
import * as z from 'zod';

interface SettingMeta {
  env: string;
  description: string;
  secret?: boolean;
}

/**
 * One setting of a tier: its environment variable, what it accepts, and the sentence that `--help` and the configuration
 * reference print. Its key in the settings object is its name in the YAML file and, in kebab-case, its flag.
 */
export function setting<S extends z.ZodType>(schema: S, meta: SettingMeta): S {
  return schema.meta({ ...meta });
}

/** Accepts a list as YAML gives it, or one string with commas as the environment and flags do. */
export function listOf<S extends z.ZodType>(item: S) {
  return z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item),
  );
}

/** Accepts true/false, yes/no, on/off, 1/0 as a string, or a boolean as YAML gives it. */
export const flag = z.union([z.boolean(), z.stringbool()], { error: 'must be true or false' });

/** A file of settings as it was read, or in one line why it could not be. */
export type SettingsFile = { path: string; values: unknown } | { path: string; problem: string };

/** A path from the root on. */
export const absolutePath = z.string().regex(/^\//, 'must be an absolute path');

/** What a command line gave: flags by their kebab-case name, and the path of a YAML file. */
export interface CommandLineSettings {
  flags: SettingSources['flags'];
  configPath: string | undefined;
}

/** Where settings come from; a later one in this order wins: file, environment, flags. */
export interface SettingSources {
  file?: SettingsFile | undefined;
  env: Readonly<Record<string, string | undefined>>;
  flags: Readonly<Record<string, unknown>>;
}

/** All mistakes in the settings at once, one line each, naming where the value came from. */
export class SettingsError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'A setting is' : `${problems.length} settings are`} wrong:\n  ${problems.join('\n  ')}`,
    );
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** A setting as help and the configuration reference show it. */
export interface SettingDoc {
  key: string;
  flag: string;
  env: string;
  description: string;
  secret: boolean;
  default: unknown;
}

/** Every setting of `schema` in the order it declares them. */
export function describeSettings(schema: z.ZodObject): SettingDoc[] {
  return Object.entries(schema.shape).map(([key, field]) => {
    const meta = z
      .object({ env: z.string(), description: z.string(), secret: z.boolean().default(false) })
      .parse(field.meta());
    return { key, flag: flagOf(key), ...meta, default: field.safeParse(undefined).data };
  });
}

/**
 * Merges the sources and checks the result against `schema`.
 * @throws {SettingsError} with every mistake, not only the first one
 */
export function loadSettings<S extends z.ZodObject>(schema: S, sources: SettingSources): z.infer<S> {
  const problems: string[] = [];
  const merged: Record<string, unknown> = {};
  const origin = new Map<string, string>();
  const docs = describeSettings(schema);
  const take = (key: string, value: unknown, from: string) => {
    merged[key] = value;
    origin.set(key, from);
  };
  if (sources.file !== undefined) {
    const { path } = sources.file;
    if ('problem' in sources.file) problems.push(`${path}: ${sources.file.problem}`);
    const values =
      'problem' in sources.file
        ? { success: true, data: {} }
        : z.record(z.string(), z.unknown()).safeParse(sources.file.values ?? {});
    if (!values.success) problems.push(`${path}: must be a YAML mapping of settings`);
    for (const [key, value] of Object.entries(values.data ?? {})) {
      if (docs.some((doc) => doc.key === key)) take(key, value, `${path}: ${key}`);
      else problems.push(`${path}: ${key}: no such setting; there are ${docs.map((doc) => doc.key).join(', ')}`);
    }
  }
  for (const doc of docs) {
    const fromEnv = sources.env[doc.env];
    if (fromEnv !== undefined && fromEnv !== '') take(doc.key, fromEnv, doc.env);
    const fromFlag = sources.flags[doc.flag];
    if (fromFlag !== undefined) take(doc.key, fromFlag, `--${doc.flag}`);
  }
  const result = schema.safeParse(merged);
  for (const issue of result.error?.issues ?? []) {
    const key = String(issue.path[0] ?? '');
    const doc = docs.find((candidate) => candidate.key === key);
    const given = doc?.secret === true || merged[key] === undefined ? '' : `, got ${JSON.stringify(merged[key])}`;
    problems.push(`${origin.get(key) ?? doc?.env ?? key}: ${issue.message}${given}`);
  }
  if (!result.success || problems.length > 0) throw new SettingsError(problems);
  return result.data;
}

/** Reads a settings file. `loadParser` is called only when there is one, so that start-up does not pay for a parser. */
export async function readSettingsFile(
  path: string | undefined,
  loadParser: () => Promise<(text: string) => unknown>,
): Promise<SettingsFile | undefined> {
  if (path === undefined) return undefined;
  try {
    const [text, parse] = await Promise.all([readFile(path, 'utf8'), loadParser()]);
    return { path, values: parse(text) };
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { path, problem };
  }
}

/** The flags of `schema` in the form `parseArgs` of node:util takes. */
export function flagOptions(schema: z.ZodObject): Record<string, { type: 'string' }> {
  return Object.fromEntries(describeSettings(schema).map((doc) => [doc.flag, { type: 'string' } as const]));
}

/** The settings as a help text: flag, variable, default, meaning. */
export function settingsHelp(schema: z.ZodObject): string {
  return describeSettings(schema)
    .map((doc) => {
      const preset = doc.default === undefined ? '' : ` (default ${showDefault(doc.default)})`;
      return `  --${doc.flag}  ${doc.env}\n      ${doc.description}${preset}`;
    })
    .join('\n');
}

function showDefault(value: unknown): string {
  return Array.isArray(value) ? value.join(',') || 'none' : String(value);
}

function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
