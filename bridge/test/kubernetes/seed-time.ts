/** When everything in the tests' clusters is looked at; as the golden payloads of the agents. */
export const SEED_NOW = new Date(process.env.TELEMCP_SEED_NOW ?? '2026-11-22T13:02:11Z');

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The moment that lies `age` before SEED_NOW, as Kubernetes writes times: `ago('5m')`, `ago('2d3h')`. */
export function ago(age: string): string {
  const known = moments.get(age);
  if (known !== undefined) return known;
  const moment = momentAgo(secondsOf(age));
  moments.set(age, moment);
  return moment;
}

/** Large clusters ask for the same few ages many times over. */
const moments = new Map<string, string>();

/** The moment that lies `seconds` before SEED_NOW, whole seconds, as Kubernetes writes times. */
export function momentAgo(seconds: number): string {
  return new Date(SEED_NOW.getTime() - Math.round(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** The same with microseconds, as `eventTime` is written. */
export function microAgo(seconds: number): string {
  return momentAgo(seconds).replace('Z', '.000000Z');
}

/** An age in whole seconds: `90s`, `2d3h`. */
export function secondsOf(age: string): number {
  let seconds = 0;
  for (const [, number, unit] of age.matchAll(/(\d+)([smhd])/g)) {
    if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') seconds += Number(number) * SECONDS[unit];
  }
  return seconds;
}
