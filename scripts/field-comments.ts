/**
 * The comments above fields of zod objects, read from the source: they are where the contract says what a field means.
 * Keys are `Schema.field` or `Schema.outer.inner`. Relies on the formatter: one field starts one line.
 */
export function fieldComments(source: string): Map<string, string> {
  const comments = new Map<string, string>();
  let schema = '';
  let path: string[] = [];
  let comment: string[] | null = null;
  let inComment = false;
  for (const line of source.split('\n')) {
    const text = line.trim();
    if (text.startsWith('/**')) {
      comment = [];
      inComment = true;
    }
    if (inComment) {
      comment?.push(
        text
          .replace(/^\/?\*+\/?/, '')
          .replace(/\*\/$/, '')
          .trim(),
      );
      inComment = !text.endsWith('*/');
      continue;
    }
    const declared = /^(?:export )?const (\w+) = (?:(\w+)\.extend\()?/.exec(line);
    if (declared?.[1] !== undefined) {
      schema = declared[1];
      path = [];
      for (const [key, said] of [...comments])
        if (key.startsWith(`${declared[2]}.`)) comments.set(key.replace(/^\w+/, schema), said);
    }
    const key = declared === null ? (/^(\w+):/.exec(text)?.[1] ?? '') : '';
    const said = comment?.join(' ').trim() ?? '';
    if (said !== '') comments.set([schema, ...path, key].filter(Boolean).join('.'), said);
    comment = null;
    const depth = text.split('{').length - text.split('}').length;
    // The braces of the schema's own object do not add to the path: they have no key.
    for (let level = 0; level < depth; level += 1) path.push(level === 0 ? key : '');
    for (let level = 0; level > depth; level -= 1) path.pop();
  }
  return comments;
}
