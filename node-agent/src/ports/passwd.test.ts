import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { MUTATIONS, mutatedText } from '../../test/mutated-text.ts';
import { parsePasswd } from './passwd.ts';

const text = await fixtureHost('debian-12').readText('/etc/passwd');

it('names users by id, the first of several with one id', () => {
  const names = parsePasswd(`${text}toor:x:0:0::/root:/bin/sh\n+::::::\n# x:y:5\nbroken\n`);
  expect(names.get(0)).toBe('root');
  expect(names.get(105)).toBe('postgres');
  expect(names.size).toBe(7);
});

it('gets through any damage', () => {
  fc.assert(
    fc.property(mutatedText(text), (changed) => {
      for (const uid of parsePasswd(changed).keys()) expect(uid).toBeGreaterThanOrEqual(0);
    }),
    MUTATIONS,
  );
});
