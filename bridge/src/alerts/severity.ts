const RANKS: readonly (readonly string[])[] = [
  ['critical', 'page', 'emergency', 'disaster', 'fatal', 'crit'],
  ['error', 'high', 'major', 'err'],
  ['warning', 'warn', 'medium', 'average', 'minor', 'ticket'],
];
const LEAST: readonly (readonly string[])[] = [
  ['info', 'information', 'notice', 'low', 'informational'],
  ['none', 'debug', 'ok'],
];

/** How bad a value of the label `severity` is, 0 for the worst. One that nobody knows, or none, is between warning and info. */
export function severityRank(severity: string | null): number {
  const word = severity?.toLowerCase() ?? '';
  const worse = RANKS.findIndex((words) => words.includes(word));
  if (worse >= 0) return worse;
  const least = LEAST.findIndex((words) => words.includes(word));
  return RANKS.length + 1 + (least < 0 ? -1 : least);
}

/** Whether a severity is one of `wanted`, `critical` or `critical,warning`; `none` also means that there is no such label. */
export function severityFilter(wanted: string | undefined): (severity: string | null) => boolean {
  const words = (wanted ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
  return (severity) => words.length === 0 || words.includes(severity?.toLowerCase() ?? 'none');
}
