import * as z from 'zod';
import { invalidArgument, ToolError } from './errors.ts';
import type { Tool } from './tool.ts';

const MAX_STRING = 16_384;

const cursor = z.string().max(64).optional().describe('From the last answer: continue there');

/** The whole input schema of a tool: its own arguments, and `cursor` when its answers can be paged. */
function inputSchema(tool: Tool): z.ZodObject {
  return tool.paged ? tool.input.extend({ cursor }) : tool.input;
}

/** A tool's input as JSON Schema for clients, without what only costs tokens. */
export function inputJsonSchema(tool: Tool): { type: 'object'; [key: string]: unknown } {
  const { $schema: _, ...schema } = z.toJSONSchema(inputSchema(tool), { io: 'input' });
  return { ...schema, type: 'object' };
}

/**
 * Checks the arguments of a call. Numbers and booleans written as strings are taken, null counts as left out.
 * @throws {ToolError} `invalid_argument`, naming the argument and what would be right
 */
export function parseArguments(tool: Tool, given: unknown): Record<string, unknown> {
  const schema = inputSchema(tool);
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw invalidArgument('arguments', 'must be an object');
  }
  const known = Object.keys(schema.shape);
  const args: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!known.includes(name))
      throw invalidArgument(shorten(name), 'no such argument', `${tool.name} takes ${usage(schema)}.`);
    if (typeof value === 'string') checkString(name, value);
    if (value !== null) args[name] = coerce(schema.shape[name], value);
  }
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${describe(issue, args)}`);
  throw new ToolError('invalid_argument', issues.join('; '), { hint: `${tool.name} takes ${usage(schema)}.` });
}

function describe(issue: z.core.$ZodIssue, args: Readonly<Record<string, unknown>>): string {
  if (args[String(issue.path[0])] === undefined) return 'is required';
  return issue.code === 'too_small' && issue.origin === 'string' ? 'is empty' : issue.message;
}

function checkString(name: string, value: string): void {
  if (value.length > MAX_STRING)
    throw invalidArgument(name, `is ${value.length} characters long; ${MAX_STRING} are the most`);
  const control = /\p{Cc}/u.exec(value.replace(/[\t\n\r]/g, ' '));
  if (control !== null) throw invalidArgument(name, `has a control character at position ${control.index}`);
}

/** `"5"` where a number is due, `5` where a string is, `"true"` where a boolean is: models write all of these. */
function coerce(field: z.core.$ZodType | undefined, value: unknown): unknown {
  if (field === undefined || z.safeParse(field, value).success) return value;
  const fits = (candidate: unknown) => z.safeParse(field, candidate).success;
  if (typeof value === 'number') return fits(String(value)) ? String(value) : value;
  if (typeof value !== 'string' || value.trim() === '') return value;
  const candidates = [Number(value), value === 'true' ? true : value === 'false' ? false : undefined];
  return candidates.find((candidate) => candidate !== undefined && fits(candidate)) ?? value;
}

function usage(schema: z.ZodObject): string {
  const names = Object.entries(schema.shape).map(([name, field]) =>
    z.safeParse(field, undefined).success ? `${name}?` : name,
  );
  return names.length === 0 ? 'no arguments' : names.join(', ');
}

function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}
