import { cleanText } from './clean-text.ts';
import { redact } from './redact.ts';

/**
 * Text from hosts, logs and upstreams without credentials, as it may be shown. It is looked at twice: as it came, since keys
 * and YAML are told by their lines, and cleaned, since an invisible character splits the word that a credential stands behind.
 */
export function safeText(text: string): string {
  const redacted = redact(text);
  const clean = cleanText(redacted);
  return clean === redacted ? clean : redact(clean);
}
