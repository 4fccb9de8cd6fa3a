/** Links said in two parts: what they have in common once, and the rest of each. */
export interface ShortLinks {
  /** `https://host/runbooks/{runbook}`, where `{runbook}` stands for the rest; null where nothing is common and the rests are whole. */
  pattern: string | null;
  /** In the order they were given in; null for what has no link. */
  rests: readonly (string | null)[];
}

/** The shortest beginning that is worth to be said once. */
const WORTH = 16;

/** Shortens the links of named alerts. Collections of runbooks often end a link with the alert's name in small letters. */
export function shortenLinks(alerts: readonly { name: string; link: string | null }[]): ShortLinks {
  const linked = alerts.flatMap(({ name, link }) => (link === null ? [] : [{ name, link }]));
  const isNamed = linked.length > 1 && linked.every(({ name, link }) => link.endsWith(`/${name.toLowerCase()}`));
  const whole = alerts.map(({ name, link }) => (isNamed && link !== null ? link.slice(0, -name.length - 1) : link));
  const base = commonBase(whole.filter((link) => link !== null));
  if (base === '') return { pattern: null, rests: alerts.map(({ link }) => link) };
  return {
    pattern: `${base}{runbook}${isNamed ? '/{alert in small letters}' : ''}`,
    rests: whole.map((link) => link?.slice(base.length) ?? null),
  };
}

/** What all begin with, up to a slash behind the host's name; empty where that would save nothing. */
function commonBase(links: readonly string[]): string {
  const different = [...new Set(links)].sort();
  const [first = '', last = ''] = [different[0], different.at(-1)];
  if (links.length < 2) return '';
  // In order, what the first and the last begin with all begin with.
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  const base = first.slice(0, first.lastIndexOf('/', length - 1) + 1);
  return base.length >= WORTH && /^https?:\/\/[^/]+\//.test(base) ? base : '';
}
