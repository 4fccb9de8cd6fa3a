import { describe, expect, it } from 'vitest';
import { fixtureHost } from '../../test/fixture-host.ts';
import { FactError } from '../fact-error.ts';
import { NFT_CHAINS_FILE, readRuleset } from './ruleset.ts';

const WRITTEN = new Date('2026-11-22T13:00:00.000Z');

function readAfter(seconds: number, overrides: Parameters<typeof fixtureHost>[1] = {}) {
  const host = fixtureHost('kubeadm', overrides);
  const dated = {
    ...host,
    modifiedAt: async (path: string) => ((await host.modifiedAt(path)) === null ? null : WRITTEN),
  };
  return readRuleset(dated, NFT_CHAINS_FILE, WRITTEN.getTime() + seconds * 1000);
}

describe('readRuleset', () => {
  it('says when the list was written', async () => {
    const { ruleset, missing } = await readAfter(42);
    expect(missing).toEqual([]);
    expect(ruleset).toMatchObject({
      path: '/run/telemcp/nft-chains.json',
      writtenAt: '2026-11-22T13:00:00.000Z',
      writtenSecondsAgo: 42,
      stale: false,
      chains: 31,
    });
  });

  it('calls it stale after five minutes, and says what to look at', async () => {
    expect((await readAfter(300)).ruleset?.stale).toBe(false);
    const { ruleset, missing } = await readAfter(301);
    expect(ruleset).toMatchObject({ stale: true, chains: 31 });
    expect(missing).toMatchObject([{ reason: 'timeout', detail: expect.stringContaining('telemcp-nft.timer') }]);
  });

  it('knows no negative age when the clock was set back', async () => {
    expect((await readAfter(-60)).ruleset).toMatchObject({ writtenSecondsAgo: 0, stale: false });
  });

  it('is simply not there where nobody writes it', async () => {
    expect(await readAfter(0, { [NFT_CHAINS_FILE]: null })).toEqual({ ruleset: null, missing: [] });
  });

  it.each([
    ['{"nftables": [{"metainfo"', 'parse_error'],
    ['', 'parse_error'],
    [new FactError('permission_denied', 'EACCES'), 'permission_denied'],
    [new FactError('too_large', 'more than 4194304 bytes'), 'too_large'],
  ])('%j: %s', async (content, reason) => {
    const host = fixtureHost('kubeadm', { [NFT_CHAINS_FILE]: content });
    const { ruleset, missing } = await readRuleset({ ...host, modifiedAt: async () => WRITTEN }, NFT_CHAINS_FILE, 0);
    expect(ruleset).toBeNull();
    expect(missing).toMatchObject([{ what: NFT_CHAINS_FILE, reason }]);
  });
});
