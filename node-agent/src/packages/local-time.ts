/** Formatters by zone: making one takes longer than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat | null>();

/**
 * A wall clock's reading, `2024-10-02 06:12:34`, in a zone as RFC 3339 in UTC. Of the hour that a change of summer
 * time has twice, either may be meant. Null for no such reading or zone.
 */
export function fromLocalTime(reading: string, zone: string): string | null {
  const wall = Date.parse(`${reading.replace(' ', 'T')}Z`);
  if (Number.isNaN(wall)) return null;
  // Most servers; the tables of all zones cost 9 MB of memory.
  if (/^(?:Etc\/)?(?:UTC|UCT|GMT|Zulu|Universal)$/.test(zone)) return new Date(wall).toISOString();
  const format = formatterOf(zone);
  if (format === null) return null;
  // The offset that holds at the moment itself is found within two steps.
  const first = wall - offsetAt(format, wall);
  return new Date(wall - offsetAt(format, first)).toISOString();
}

function formatterOf(zone: string): Intl.DateTimeFormat | null {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = createFormatter(zone);
  formatters.set(zone, made);
  return made;
}

function createFormatter(timeZone: string): Intl.DateTimeFormat | null {
  const numeric = 'numeric';
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What the zone's clocks are ahead of UTC at a moment, milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, moment: number): number {
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const day = [part('year'), part('month') - 1, part('day')] as const;
  return Date.UTC(...day, part('hour'), part('minute'), part('second')) - moment;
}
