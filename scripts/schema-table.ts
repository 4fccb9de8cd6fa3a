import * as z from 'zod';

/** As much of JSON Schema as zod writes; anything else in it is ignored. */
const Node = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  format: z.string().optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), Node).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), Node]).optional();
  },
  get items() {
    return Node.optional();
  },
  get anyOf() {
    return z.array(Node).optional();
  },
});
type Node = z.infer<typeof Node>;

/** One field as a document shows it. `preset` is the default as text, or empty. */
export interface FieldRow {
  /** Path from the object the rows belong to, for example `kernel.release` or `vulnerabilities[].name`. */
  path: string;
  type: string;
  required: boolean;
  preset: string;
  description: string;
}

/** An object of a schema with a name of its own. */
export interface NamedObject {
  name: string;
  rows: readonly FieldRow[];
}

/** Names of schemas that get a table of their own instead of being written out wherever they are used. */
export type SchemaNames = ReadonlyMap<z.core.$ZodType, string>;

/** The fields of a JSON Schema object, nested ones under their path. */
export function fieldRows(schema: unknown): FieldRow[] {
  return objectRows(Node.parse(schema), '', []);
}

/** The tables that document `schema`: its own first, then those of the named schemas it uses, each once. */
export function namedObjects(schema: z.ZodType, names: SchemaNames): NamedObject[] {
  const json = z.toJSONSchema(schema, {
    io: 'output',
    override: ({ zodSchema, jsonSchema }) => {
      const name = names.get(zodSchema);
      if (name !== undefined) jsonSchema.title = name;
    },
  });
  const waiting: Node[] = [Node.parse(json)];
  const done = new Map<string, NamedObject>();
  for (const node of waiting) {
    const name = node.title ?? '';
    if (!done.has(name)) done.set(name, { name, rows: objectRows(node, '', waiting) });
  }
  return [...done.values()];
}

function objectRows(node: Node, prefix: string, named: Node[]): FieldRow[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, field]) => {
    const path = `${prefix}${key}`;
    const { inner, suffix } = unwrap(field);
    const row = {
      path,
      type: typeOf(field),
      required: node.required?.includes(key) ?? false,
      preset: field.default === undefined ? '' : JSON.stringify(field.default),
      description: field.description ?? '',
    };
    for (const option of inner.anyOf ?? [inner]) if (option.title !== undefined) named.push(option);
    return inner.title === undefined ? [row, ...objectRows(inner, `${path}${suffix}.`, named)] : [row];
  });
}

/** What is inside of arrays and "or null". */
function unwrap(node: Node, suffix = ''): { inner: Node; suffix: string } {
  if (node.items !== undefined) return unwrap(node.items, `${suffix}[]`);
  const options = node.anyOf?.filter((option) => option.type !== 'null') ?? [];
  const [only] = options;
  return only !== undefined && options.length === 1 ? unwrap(only, suffix) : { inner: node, suffix };
}

function typeOf(node: Node): string {
  if (node.title !== undefined) return `[${node.title}](#${node.title.toLowerCase()})`;
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (Array.isArray(node.type))
    return node.type.map((type) => typeOf(type === 'null' ? { type } : { ...node, type })).join(' or ');
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.items !== undefined) return `list of ${typeOf(node.items)}`;
  if (node.format === 'date-time' && node.type === 'string') return 'time (RFC 3339)';
  if (node.type === 'object' && node.properties === undefined && typeof node.additionalProperties === 'object')
    return `map of ${typeOf(node.additionalProperties)}`;
  if (node.type === 'integer' || node.type === 'number') return `${node.type}${rangeOf(node)}`;
  return node.type ?? 'anything';
}

function rangeOf({ minimum, maximum }: Node): string {
  const min = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const max = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (min !== undefined && max !== undefined) return ` ${min} to ${max}`;
  if (min !== undefined) return ` ≥ ${min}`;
  return max === undefined ? '' : ` ≤ ${max}`;
}
