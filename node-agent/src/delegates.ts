import { FAMILY_NAMES, type FamilyName } from '@telemcp/shared/family-names';
import { listOf } from '@telemcp/shared/settings';
import * as z from 'zod';

/** sockaddr_un(7) leaves this many bytes for a path. */
const MAX_PATH_BYTES = 107;

const Delegate = z.string().superRefine((value, context) => {
  const { family, path } = partsOf(value);
  const say = (message: string) => context.addIssue({ code: 'custom', message: `${value}: ${message}` });
  if (!FAMILY_NAMES.some((name) => name === family))
    say(`there is no such family; there are ${FAMILY_NAMES.join(', ')}`);
  else if (path === null) say('must be family=unix:/absolute/path of another agent’s socket');
  else if (Buffer.byteLength(path) > MAX_PATH_BYTES) say("the path is longer than a socket's may be");
});

/** `certificates=unix:/run/telemcp/pki.sock`, each family at most once. */
export const DelegateList = listOf(Delegate).superRefine((list, context) => {
  const families = list.map((entry) => partsOf(entry).family);
  const twice = families.find((family, index) => families.indexOf(family) !== index);
  if (twice !== undefined) context.addIssue({ code: 'custom', message: `${twice} is delegated twice` });
});

/** Families by the socket of the agent that looks at them. */
export type Delegates = ReadonlyMap<FamilyName, string>;

/** What a checked list says. */
export function delegatesOf(list: readonly string[]): Delegates {
  const sockets = new Map(list.map(partsOf).map(({ family, path }) => [family, path]));
  return new Map(
    FAMILY_NAMES.flatMap((family) => {
      const path = sockets.get(family);
      return path == null ? [] : [[family, path] as const];
    }),
  );
}

function partsOf(entry: string): { family: string; path: string | null } {
  const [, family = entry, path] = /^([^=]*)=\s*(?:unix:(\/[^\p{Cc}]+)|.*)$/su.exec(entry) ?? [];
  return { family: family.trim(), path: path ?? null };
}
