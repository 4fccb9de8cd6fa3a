/** How tools are spelled in lists: `promql_query`, which every client takes, or `promql.query`. */
export type NameStyle = 'underscore' | 'dotted';

/** A canonical name in the given spelling. */
export function spellTool(canonical: string, style: NameStyle): string {
  return style === 'dotted' ? canonical : canonical.replaceAll('.', '_');
}

/**
 * The tools by both spellings; a call is taken under either, whichever is listed.
 * @throws {Error} when two tools could not be told apart
 */
export function indexTools<T extends { name: string }>(tools: readonly T[]): ReadonlyMap<string, T> {
  const index = new Map<string, T>();
  for (const tool of tools) {
    for (const name of new Set([tool.name, spellTool(tool.name, 'underscore')])) {
      if (index.has(name)) throw new Error(`two tools answer to ${name}`);
      index.set(name, tool);
    }
  }
  return index;
}
