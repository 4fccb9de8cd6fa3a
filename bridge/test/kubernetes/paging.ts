import { numberAt, textAt } from '../../src/kubernetes/json.ts';

/** Where a list goes on: the first key that is not shown yet, and the revision that the first page was taken at. */
export interface Continue {
  revision: number;
  start: string;
}

/** The token as the recorded server makes it: JSON in base64url without padding. */
export function continueToken({ revision, start }: Continue): string {
  return Buffer.from(`${JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })}`).toString('base64url');
}

/** Null for what is no token. */
export function readContinue(token: string): Continue | null {
  try {
    const parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    const start = textAt(parsed, 'start');
    const revision = numberAt(parsed, 'rv');
    return start === undefined || revision === undefined ? null : { revision, start };
  } catch {
    return null;
  }
}

/** Index of the first key that is not before `key`, of keys in order. */
export function firstNotBefore(keys: readonly { key: string }[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
