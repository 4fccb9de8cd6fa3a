/** A figure that changes all the time, told coarsely; null means not known. */
export type Level = 'ok' | 'high' | 'critical' | null;

/** From which value on a figure is high, from which critical, and how far it must fall below either to be so no longer. */
export type Limits = readonly [high: number, critical: number, margin: number];

/**
 * Keeps coarse words from changing with every look at a figure that lies near a limit, or at a service that is started again and
 * again: what was said is remembered, by name.
 */
export interface SteadyLevels {
  /** The word for `value`; once said, it stays until the value is below its limit by the margin. */
  level(name: string, value: number | null | undefined, limits: Limits): Level;
  /** Those of `names` and of the names given within the last two minutes. `now` is Unix time, milliseconds. */
  recent(names: readonly string[], now: number): string[];
}

/** Longer than a service of which systemd tries to start it again usually waits and runs. */
const RECENT_MS = 120_000;

/** One memory, for one who is told summaries one after the other. */
export function createSteadyLevels(): SteadyLevels {
  const said = new Map<string, Level>();
  const seen = new Map<string, number>();
  return {
    level: (name, value, [high, critical, margin]) => {
      const before = said.get(name) ?? null;
      const wasHigh = before === 'high' || before === 'critical';
      const word = (given: number): Level => {
        if (given >= critical - (before === 'critical' ? margin : 0)) return 'critical';
        return given >= high - (wasHigh ? margin : 0) ? 'high' : 'ok';
      };
      const level = value == null ? null : word(value);
      said.set(name, level);
      return level;
    },
    recent: (names, now) => {
      for (const name of names) seen.set(name, now);
      for (const [name, at] of seen) if (now - at > RECENT_MS) seen.delete(name);
      return [...seen.keys()];
    },
  };
}
