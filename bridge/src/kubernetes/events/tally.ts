/** How often each value comes, the most frequent first, equally frequent ones by name; `weightOf` counts a value more than once. */
export function tally<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  weightOf: (item: T) => number = () => 1,
): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const item of items) {
    const value = keyOf(item);
    counts.set(value, (counts.get(value) ?? 0) + weightOf(item));
  }
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}
