import { readFileSync } from 'node:fs';
import { FactsAnswer } from '@telemcp/shared/families';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';

/** The golden payloads of the contract, put together: a host on which a lot is wrong. */
export function goldenFacts(): FactsAnswer {
  const families = Object.fromEntries(FAMILY_NAMES.map((family) => [family, golden(family)]));
  return FactsAnswer.parse({ ...golden('os'), families });
}

/** A golden payload as it is on disk. */
export function golden(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../shared/fixtures/${name}.json`, import.meta.url), 'utf8'));
}
