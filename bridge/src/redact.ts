import { createHmac, randomBytes } from 'node:crypto';

// A salt of this process: markers of equal secrets are equal, and tell nobody else anything about the secret.
const salt = randomBytes(16);

/**
 * Replaces what looks like a credential by a marker such as `[redacted:3f9a1c]`. Works on whole text: call it before
 * anything is cut, or half a secret would no longer look like one. Equal secrets give equal markers while the process runs.
 */
export function redact(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let result = text;
  for (const { pattern, secret } of RULES) {
    result = result.replace(pattern, (...found: string[]) => {
      const whole = found[0] ?? '';
      const hidden = found[secret] ?? whole;
      return hidden === '' || hidden.startsWith('[redacted:') ? whole : replaceLast(whole, hidden, marker(hidden));
    });
  }
  return result;
}

function marker(secret: string): string {
  return `[redacted:${createHmac('sha256', salt).update(secret).digest('hex').slice(0, 6)}]`;
}

function replaceLast(whole: string, part: string, by: string): string {
  const at = whole.lastIndexOf(part);
  return whole.slice(0, at) + by + whole.slice(at + part.length);
}

/** A cheap first look: text without any of these holds nothing that a rule below could match. */
const SUSPICIOUS =
  /-----BEGIN|eyJ|bearer|basic |passw|secret|token|api[_-]?key|access[_-]?key|credential|:\/\/[^/\s]*@|AKIA|ghp_|gh[ousr]_|github_pat|glpat-|xox[a-z]-|sk-/i;

/** `secret` is the capture group to hide, 0 for all of it. */
// Every pattern must take linear time on any text: no open repetition before the first fixed word.
const RULES: readonly { pattern: RegExp; secret: number }[] = [
  { pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, secret: 0 },
  { pattern: /\beyJ[A-Za-z0-9_-]{8,1024}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g, secret: 0 },
  { pattern: /\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})/gi, secret: 1 },
  { pattern: /:\/\/[^/\s:@]*:([^/\s@]+)@/g, secret: 1 },
  ...[/"([^"]{3,})"/, /'([^']{3,})'/, /([^\s"',;&)}\]]{3,})/].map((value) => ({
    pattern: new RegExp(
      `(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|credential)["']?\\s*[=:]\\s*${value.source}`,
      'gi',
    ),
    secret: 1,
  })),
  { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, secret: 0 },
  {
    pattern:
      /\b(?:gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[a-z]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,})/g,
    secret: 0,
  },
];
