/** Random numbers that are the same in every run. */
export interface Random {
  /** 0 or more, below 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  pick<T>(all: readonly T[]): T;
  /** As controllers name pods: letters without vowels, and digits without 0, 1, 3 (k8s.io/apimachinery util/rand). */
  suffix(length: number): string;
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Random numbers of a seed: a number, or a text. */
export function random(seed: number | string): Random {
  let state = typeof seed === 'number' ? seed : hash(seed);
  const next = () => {
    // A linear congruential generator with the constants of Numerical Recipes; its high bits are good enough for names.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick: (all) => {
      const picked = all[between(0, all.length - 1)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
    suffix: (length) => Array.from({ length }, () => ALPHABET[between(0, ALPHABET.length - 1)]).join(''),
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  return sum >>> 0;
}
