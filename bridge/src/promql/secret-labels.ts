import { redact, secretMarker } from '../redact.ts';

/** Nothing that anybody would take for a secret by itself. */
const PLAIN = 'some-plain-value';

const known = new Map<string, boolean>();
/** Names are kept up to this many: they come from servers. */
const MOST_KEPT = 1000;

/** A label's value as it may be shown: under a name like `password` it is a secret, whatever it looks like. */
export function shownLabel(name: string, value: string): string {
  return value !== '' && isSecret(name) ? secretMarker(value) : value;
}

/** Whether a value is taken for a secret by the name in front of it, which a cell of a table does not have. */
function isSecret(name: string): boolean {
  const found = known.get(name);
  if (found !== undefined) return found;
  const text = `${name}=${PLAIN}`;
  const is = redact(text) !== text;
  if (known.size < MOST_KEPT) known.set(name, is);
  return is;
}
