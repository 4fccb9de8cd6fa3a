/** Says at the end of a line how many bytes of it were never held. */
export function lostMark(bytes: number): string {
  return `… (${bytes} more bytes)`;
}

/** The first `most` characters of a redacted line, with how much is left out. A cut before the redaction could split a secret. */
export function cutLine(text: string, most: number): string {
  const mark = MARK.exec(text.slice(-40));
  const length = text.length - (mark?.[0].length ?? 0);
  if (length <= most) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  const rest = length - end + Number(mark?.[1] ?? 0);
  return `${text.slice(0, end)}${lostMark(rest)}`;
}

const MARK = /\u2026 \((\d+) more bytes\)$/;
