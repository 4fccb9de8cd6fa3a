import { ToolError } from '../errors.ts';
import { redact } from '../redact.ts';

/** Characters shown before and after the place. */
const AROUND = 30;

/** A syntax error of Prometheus with the place in the expression that its `line:column` means, where that is not its beginning. */
export function withPlace(error: ToolError, expr: string): ToolError {
  const [, line = '', column = ''] = /\b(\d+):(\d+): parse error/.exec(error.message) ?? [];
  const text = expr.split('\n')[Number(line) - 1];
  if (error.hint !== null || text === undefined) return error;
  // Columns are bytes, from 1.
  const bytes = Buffer.from(text);
  const at = Number(column) - 1;
  const before = bytes.subarray(0, at).toString();
  // Redacted before it is cut: half a secret would no longer look like one.
  const safe = redact(text);
  if (at < 1 || at > bytes.length || !safe.startsWith(before)) return error;
  const rest = safe.slice(before.length, before.length + AROUND);
  const place = rest === '' ? 'at the end' : `at ${JSON.stringify(rest)}`;
  const hint = `${line}:${column} is behind ${JSON.stringify(before.slice(-AROUND))}, ${place}.`;
  return new ToolError(error.code, error.message, { upstream: error.upstream, hint, cause: error });
}
