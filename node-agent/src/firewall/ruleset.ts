import type { Missing } from '@telemcp/shared/envelope';
import type { FirewallRuleset } from '@telemcp/shared/facts/firewall';
import { FactError } from '../fact-error.ts';
import type { HostRoot } from '../host-root.ts';
import { parseNftChains } from './nft-chains.ts';

/** Where a privileged helper leaves what `nft -j list chains` says, packaging/systemd/telemcp-nft.service for one. */
export const NFT_CHAINS_FILE = '/run/telemcp/nft-chains.json';

/** nft needs 485 bytes for a small host and about 100 for each chain: room for 40,000. */
const MAX_BYTES = 4 * 1024 * 1024;
/** The helper runs every minute; one that missed five times does not run. */
const STALE_SECONDS = 300;

/** The kernel's rules as listed by the helper; null where there is no helper, and with a missing row where it failed. */
export async function readRuleset(
  host: HostRoot,
  path: string,
  nowMs: number,
): Promise<{ ruleset: FirewallRuleset | null; missing: Missing[] }> {
  try {
    const written = await host.modifiedAt(path);
    if (written === null) return { ruleset: null, missing: [] };
    const list = parseNftChains(await host.readText(path, { maxBytes: MAX_BYTES }));
    const writtenSecondsAgo = Math.max(0, Math.round((nowMs - written.getTime()) / 1000));
    const stale = writtenSecondsAgo > STALE_SECONDS;
    const detail = `written ${writtenSecondsAgo} s ago, so what the kernel has loaded now is not known: is telemcp-nft.timer active?`;
    return {
      ruleset: { path, writtenAt: written.toISOString(), writtenSecondsAgo, stale, ...list },
      missing: stale ? [{ what: path, reason: 'timeout', detail }] : [],
    };
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
    if (error.reason === 'not_found') return { ruleset: null, missing: [] };
    return { ruleset: null, missing: [{ what: path, reason: error.reason, detail: error.message }] };
  }
}
