import { createHmac, randomBytes } from 'node:crypto';

// A salt of this process: markers of equal secrets are equal, and tell nobody else anything about the secret.
const salt = randomBytes(16);

/**
 * Replaces what looks like a credential by a marker such as `[redacted:3f9a1c]`. Works on whole text: call it before
 * anything is cut, or half a secret would no longer look like one. Equal secrets give equal markers while the process runs.
 */
export function redact(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let result = hideKeysCutAtTheStart(text);
  for (const { pattern, secret } of RULES) {
    result = result.replace(pattern, (...found: string[]) => {
      const whole = found[0] ?? '';
      const hidden = found[secret] ?? whole;
      return hidden === '' || isMarker(hidden) ? whole : replaceLast(whole, hidden, secretMarker(hidden));
    });
  }
  return result;
}

/** What is shown in place of a secret. */
export function secretMarker(secret: string): string {
  return `[redacted:${createHmac('sha256', salt).update(secret).digest('hex').slice(0, 6)}]`;
}

function isMarker(text: string): boolean {
  return text.startsWith('[redacted');
}

function replaceLast(whole: string, part: string, by: string): string {
  const at = whole.lastIndexOf(part);
  return whole.slice(0, at) + by + whole.slice(at + part.length);
}

/** A key in PEM whose beginning lies before the text, as in a log that was cut: its end marker and the base64 ahead of it. */
function hideKeysCutAtTheStart(text: string): string {
  const end = KEY_END.exec(text);
  if (end === null || text.lastIndexOf('-----BEGIN ', end.index) !== -1) return text;
  // By hand and backwards: as a pattern this would be an open repetition before the first fixed word.
  let start = end.index;
  while (start > 0 && /[A-Za-z0-9+/=\s\\]/.test(text.charAt(start - 1))) start -= 1;
  const body = text.slice(start, end.index);
  return body.trim() === '' ? text : text.slice(0, start) + secretMarker(body) + text.slice(end.index);
}

const KEY_END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;

/** A cheap first look: text without any of these holds nothing that a rule below could match. */
const SUSPICIOUS =
  /PRIVATE KEY|eyJ|LS0tLS1|bearer|basic |passw|passphrase|pwd|secret|token|[a-z_-]key|credential|auth|cookie|login |identified|requirepass|mysql|mariadb|redis-cli|curl |AccountKey|[?&]sig=|:\/\/[^/\s]*@|:\/\/[^/\s:]*:[^\s@]{1,256}@|:\\{1,4}\/|connection_?string|\$[12569a-z]|AKIA|ASIA|gh[opsur]_|github_pat|gl[a-z]{1,5}-|glsa_|xox[a-z]-|xapp-|hooks\.slack|[sr]k[-_]|whsec_|AIza|ya29\.|npm_|pypi-|SG\.|dop_v1_|hf_|hvs\.|dckr_pat|AGE-SECRET|:AA/i;

/** Words that a value is looked for behind. Each ends where the name ends: `tokenExpirationSeconds` is none. */
const NAMES = `(?<!checksum[/_-]|unexpected |v1\\.)(?:${[
  'passw(?:or)?d',
  'passphrase',
  'secret(?:[_-]?key(?:[_-]?base)?)?',
  'token',
  '(?:api|access|private|account|signing|encryption|master|auth)[_-]?key',
  'access[_-]?key[_-]?id',
  'client[_-]?key[_-]?data',
  'connection[_-]?string',
  'credentials?',
].join('|')})(?:[_-]?\\d{1,2}|_(?:old|new|prod|staging|test))?`;

/** References to variables, masks and placeholders. */
const PLACEHOLDER =
  '(?-i:\\$[A-Z_][A-Z0-9_]{2,80})(?![^\\s"\',;:&)}\\].])|\\$[({][\\w.-]{1,80}[)}]|\\*{2,}|%[sqv]|<[\\w ,.-]{1,40}>';

/** What people write where a value would stand: words of a sentence, the beginning of more YAML, placeholders. */
const NO_SECRET = `(?!(?:${[
  'true|false|null|nil|none|yes|no|on|off|undefined|unknown|empty|enabled|disabled|optional|string|bytes',
  'invalid|expired|missing|required|not|is|was|has|must|cannot|could|failed|denied|signature|incorrect|wrong|mismatch',
  'unable|error|found|using|used|set|unset|the|for|from|and|been|too|got|does|did|should|will|can|refreshed|renewed|rotated',
  'revoked|created|deleted|updated|loaded|accepted|rejected|valid|verified|unauthorized|forbidden|authentication',
].join('|')})(?=[\\s"',;:&)}\\].]|$)|${PLACEHOLDER}|\\{|\\[(?!redacted))`;
const NO_QUOTED_SECRET = `(?!(?:true|false|null|none|${PLACEHOLDER})\\\\*["'])`;

const QUOTE = `\\\\*["']`;
/** Behind a name: the end of its quotes, escaped or not, and `=` or `:`, which some write into JSON as `\u003d`. */
const IS = `(?:${QUOTE})?[ \\t]*(?:=>|[=:]|\\\\{1,4}u003[ad])[ \\t]*`;

/** `secret` is the capture group to hide, 0 for all of it. */
interface Rule {
  pattern: RegExp;
  secret: number;
}

// Every pattern must take linear time on any text: no open repetition before the first fixed word.
const RULES: readonly Rule[] = [
  whole(
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  ),
  // The line of the beginning itself is cut.
  part(/^(?![A-Z -]{0,20}END )[A-Z -]{0,30}PRIVATE KEY(?: BLOCK)?-----([\s\S]+?)(?=-----END|$)/g),
  // PEM in base64 that is not a certificate, a request, a public key or a revocation list.
  whole(/\bLS0tLS1CRUdJTi(?!BDRVJUSUZJQ0FUR|BORVcgQ0VSVElGSUNBVEUg|BQVUJMSUMg|BYNTA5IENSTC)[A-Za-z0-9+/]{8,}={0,2}/g),
  whole(/\beyJhdXRo[A-Za-z0-9+/]{8,}={0,2}/g),
  whole(/\beyJ[A-Za-z0-9_-]{8,1024}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g),
  part(
    new RegExp(
      `authorization${IS}(?:${QUOTE})?(?:(?:basic|bearer|digest|token|api-?key|negotiate|ntlm|key|aws4-hmac-sha256)[ \\t]+)?${NO_SECRET}([^\\s"',;\\\\]{4,})`,
      'gi',
    ),
  ),
  // Prose has no digits and no capitals inside its words: `basic authentication failed`.
  part(
    /\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s{1,8}(?=[A-Za-z._~+/-]{1,256}[A-Z0-9=]|[0-9])([A-Za-z0-9._~+/-]{8,}={0,2})(?![\w=])/g,
  ),
  part(
    new RegExp(
      `\\bcookie${IS}\\[?(?:${QUOTE})?([\\w.-]{1,80}=[^\\s;"'\\\\]+(?:;[ \\t]?[\\w.-]{1,80}=[^\\s;"'\\\\]+)*)`,
      'gi',
    ),
  ),
  part(/:\\{0,4}\/\\{0,4}\/(?!\[redacted)[^/\s:@"'<>]{0,256}:([^\s"'<>/]{1,256})@/g),
  // A slash in the password; digits before the first slash are a port.
  part(/:\\{0,4}\/\\{0,4}\/(?!\[redacted)[^/\s:@"'<>]{1,256}:(?!\d{1,5}[/?#])([^\s"'<>@]{1,256})@/g),
  part(/:\/\/([A-Za-z0-9_-]{20,256})@/g),
  // One word from the name to the end of the line, with whatever punctuation is in it.
  part(
    new RegExp(
      `^[ \\t]*(?:- )?["']?[\\w.-]{0,60}(?:${NAMES})["']?(?:[ \\t]*=|:)[ \\t]*${NO_SECRET}([^\\s"'|>&\\\\][^\\s"']{2,})[ \\t]*$`,
      'gim',
    ),
  ),
  part(new RegExp(`(?:${NAMES})["']?:[ \\t]*[|>][+-]?[ \\t]*(?:\\n|\\\\+n)[ \\t]+([^\\s"'\\\\]+)`, 'gi')),
  // As JSON inside of JSON: it ends at the quote with as many backslashes as the one that it begins with.
  { pattern: behindName(`(\\\\+)"${NO_QUOTED_SECRET}((?:[^"\\\\\\n]|(?!\\1")\\\\+"?)+)`), secret: 2 },
  part(behindName(`"${NO_QUOTED_SECRET}((?:[^"\\\\\\n]|\\\\.)+)`)),
  part(behindName(`'${NO_QUOTED_SECRET}([^'\\n]+)`)),
  // Punctuation belongs to it unless it is followed by what ends or begins something.
  part(
    behindName(
      `${NO_SECRET}([^\\s"'\\\\,;&)}\\]{<>|](?:[^\\s"',;&)}\\]]|[,&)}\\]](?![\\s"',;&)}\\]]|$|["']?[\\w.-]{1,64}["']?[ \\t]*[=:])){2,})`,
    ),
  ),
  part(
    new RegExp(`\\b(?:pwd|AccountKey|SharedAccessKey)[ \\t]*=[ \\t]*${NO_SECRET}([^\\s"';,&/.~][^\\s"';,&]{2,})`, 'gi'),
  ),
  part(
    new RegExp(
      `\\bname${IS}(?:${QUOTE})?[\\w.-]{0,64}(?:${NAMES})(?:${QUOTE})?,?(?:\\s|\\\\+n){0,60}(?:${QUOTE})?value${IS}(?:${QUOTE})?${NO_SECRET}([^\\s"'\\\\,}]+)`,
      'gi',
    ),
  ),
  part(new RegExp(`--[\\w.-]{0,40}(?:${NAMES})[ \\t]+["']?${NO_SECRET}(?!-)([^\\s"']{3,})`, 'gi')),
  part(/\blogin[ \t]+\S{1,256}[ \t]+password[ \t]+(\S+)/gi),
  part(/\b(?:identified[ \t]+by|password)[ \t]+'([^'\n]+)/gi),
  // Options of one letter.
  part(/\b(?:mysql|mariadb)\w{0,20}[ \t][^|;&\n]{0,200}?(?<=[ \t])-p(?!\$)["']?([^\s"']{3,})/g),
  part(/\bredis-cli[ \t][^|;&\n]{0,200}?(?<=[ \t])-a[ \t]+(?!\$)["']?([^\s"']{3,})/g),
  part(/\bcurl[ \t][^|;\n]{0,200}?(?<=[ \t])(?:-u|--user)[ \t]*["']?[^\s:"']{1,80}:(?!\$)([^\s"']{3,})/g),
  part(/\b(?:requirepass|masterauth)[ \t]+(\S+)/gi),
  part(/[?&]sig=([A-Za-z0-9%+/=_-]{16,})/g),
  part(/"auth\\*"[ \t]*:[ \t]*\\*"([A-Za-z0-9+/=]{8,})/g),
  // Hashes of passwords, crypt(5).
  whole(/\$(?:2[abxy]|apr1|argon2id?|[1569y]|7)\$[A-Za-z0-9./$=,+]{20,}/g),
  whole(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g),
  whole(/\bAGE-SECRET-KEY-1[0-9A-Z]{20,}/g),
  part(/hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_-]{16,})/g),
  // Telegram.
  whole(/\b\d{8,10}:AA[A-Za-z0-9_-]{32,34}\b/g),
  whole(
    new RegExp(
      `\\b(?:${[
        'gh[oprsu]_[A-Za-z0-9]{20,}',
        'github_pat_[A-Za-z0-9_]{20,}',
        'gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{16,}',
        'glsa_[A-Za-z0-9_]{20,}',
        '(?:xox[a-z]|xapp)-[A-Za-z0-9-]{10,}',
        'sk-[A-Za-z0-9_-]{20,}',
        '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}',
        'whsec_[A-Za-z0-9+/=]{16,}',
        'AIza[A-Za-z0-9_-]{30,}',
        'ya29\\.[A-Za-z0-9_-]{20,}',
        'npm_[A-Za-z0-9]{30,}',
        'pypi-[A-Za-z0-9_-]{30,}',
        'SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,}',
        'do[opr]_v1_[a-f0-9]{32,}',
        'hf_[A-Za-z0-9]{30,}',
        'hv[bs]\\.[A-Za-z0-9_-]{20,}',
        'dckr_pat_[A-Za-z0-9_-]{20,}',
      ].join('|')})`,
      'g',
    ),
  ),
];

function behindName(value: string): RegExp {
  return new RegExp(`(?:${NAMES})${IS}${value}`, 'gi');
}

function whole(pattern: RegExp): Rule {
  return { pattern, secret: 0 };
}

function part(pattern: RegExp): Rule {
  return { pattern, secret: 1 };
}
