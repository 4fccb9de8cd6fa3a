import { execFileSync } from 'node:child_process';
import { missingPart } from '../../scripts/parts.ts';

/** Why nft cannot be run here, with the line that would mend it; null when it can. */
export function nftUnavailable(): string | null {
  return missingPart('nftables')?.why ?? null;
}

/**
 * What nft says of `rules` loaded into a network namespace that ends with it, so that the host's own rules are never touched.
 * @param commands lines of sh, run once the rules are loaded
 */
export function withRules(rules: string, ...commands: readonly string[]): string {
  const script = ['set -e', 'nft -f -', ...commands].join('\n');
  return execFileSync('unshare', ['--net', 'sh', '-c', script], {
    input: rules,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
}
