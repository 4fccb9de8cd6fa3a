/**
 * The up to `most` of `names` that `wanted` may have been meant for, best first: a few letters apart, one part of the other,
 * or made of the same words. Empty when nothing is near.
 */
export function nearestNames(wanted: string, names: readonly string[], most: number): string[] {
  const target = wanted.toLowerCase();
  const words = wordsOf(target);
  const near = names
    .filter((name) => name !== wanted)
    .map((name) => ({ name, distance: distanceOf(target, words, name.toLowerCase()) }))
    .filter(({ distance }) => distance < FAR)
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, most);
  const best = near[0]?.distance ?? FAR;
  return near.filter(({ distance }) => distance <= best + MUCH_WORSE).map(({ name }) => name);
}

const FAR = 1;
/** Next to a name that differs by a letter, one that only shares words is noise. */
const MUCH_WORSE = 0.4;

/** 0 for equal, up to 1 for nothing in common. */
function distanceOf(target: string, words: ReadonlySet<string>, name: string): number {
  const longer = Math.max(target.length, name.length);
  const typos = Math.max(1, Math.min(3, Math.floor(target.length / 4)));
  if (Math.abs(target.length - name.length) <= typos) {
    const edits = editDistance(target, name, typos);
    if (edits <= typos) return (0.3 * edits) / longer;
  }
  if (target.length >= 3 && name.length >= 3 && (name.includes(target) || target.includes(name)))
    return 0.3 + (0.3 * Math.abs(target.length - name.length)) / longer;
  const others = wordsOf(name);
  let shared = 0;
  for (const word of others) if (words.has(word)) shared += 1;
  const likeness = (2 * shared) / (words.size + others.size);
  return likeness >= 0.5 ? 1 - 0.4 * likeness : FAR;
}

function wordsOf(name: string): ReadonlySet<string> {
  return new Set(name.split(/[^a-z0-9]+/).filter((word) => word.length > 1));
}

/** Letters to insert, delete or replace (Levenshtein), counted up to `most`; more than that is `most + 1`. */
function editDistance(left: string, right: string, most: number): number {
  // What both begin and end with costs nothing; names of one exporter share most of their letters.
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const a = left.slice(start, left.length - end);
  const b = right.slice(start, right.length - end);
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const cost = Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    above = current;
  }
  return Math.min(above[b.length] ?? 0, most + 1);
}
