/**
 * The same text, apart from the text that it was cut out of. V8 lets a part refer to the whole, so that one line of a log
 * would keep the chunk it came in.
 */
export function detachedText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
