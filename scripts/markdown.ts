/** The line every generated document carries, so that nobody edits what the next run overwrites. */
export function generatedFrom(sources: string): string {
  return `Generated from ${sources} by \`npm run docs\`; changes made here are overwritten.`;
}

/** A table. Cells are Markdown; what would end a cell or a row is escaped. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Code spans with commas between; a word where there are none. */
export function codeList(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `\`${item}\``).join(', ');
}

/** Text as it is: what Markdown would take for its own is escaped, except inside of code spans. */
export function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[\\<*[\]]/g, '\\$&')))
    .join('');
}
