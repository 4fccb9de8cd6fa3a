/** Comments, strings, punctuation, words. What is not closed goes on to the end, so that no text is looked at twice. */
const TOKENS = /\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"[^"]*(?:"|$)|[{};]|(?:(?!\/\/|\/\*)[^\s{};"#])+/g;

/**
 * Settings of apt.conf(5) under their full names in lower case, `apt::periodic::enable`: later ones win, lists keep their last
 * entry, `#clear` and `#include` are passed over. Add the values of several files to one map in the order apt reads them.
 */
export function parseAptSettings(text: string, settings = new Map<string, string>()): Map<string, string> {
  const scopes: string[] = [];
  let words: string[] = [];
  for (const [token] of text.matchAll(TOKENS)) {
    if (token.startsWith('//') || token.startsWith('#') || token.startsWith('/*')) continue;
    if (token === '{') {
      scopes.push(words[0] ?? '');
      words = [];
    } else if (token === '}' || token === ';') {
      const [name, value] = words;
      if (name !== undefined && value !== undefined) {
        settings.set(
          [...scopes.slice(-MAX_SCOPES), name]
            .filter((part) => part !== '')
            .join('::')
            .toLowerCase(),
          value,
        );
      }
      words = [];
      if (token === '}') scopes.pop();
    } else if (words.length < 2) words.push(token.replace(/^"|"$/g, ''));
  }
  return settings;
}

const MAX_SCOPES = 10;

/** Whether `apt-daily-upgrade` upgrades by these settings: only when both are on, and the second is off unless set. */
export function upgradesUnattended(settings: ReadonlyMap<string, string>): boolean {
  const isOn = (value: string) => !['0', '', 'false', 'no', 'off'].includes(value.toLowerCase());
  const periodic = settings.get('apt::periodic::enable') ?? '1';
  const upgrade = settings.get('apt::periodic::unattended-upgrade') ?? '0';
  return isOn(periodic) && isOn(upgrade);
}
