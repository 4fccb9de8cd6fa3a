import { describe, expect, it } from 'vitest';
import type { FakeAgentOptions } from '../../../test/fake-agent.ts';
import { askStorage, goldenFilesystem } from '../../../test/storage-fleet.ts';

const having = (...filesystems: ReturnType<typeof goldenFilesystem>[]): FakeAgentOptions => ({
  facts: { filesystems: (facts) => ({ ...facts, filesystems }) },
  envelope: { status: 'ok', reason: null, missing: [] },
});
const root = goldenFilesystem('/');

describe('host.facts of filesystems', () => {
  it('tells one node within 400 tokens, and what is the matter first', async () => {
    const asked = await askStorage({ family: 'filesystems', node: 'node-0001' }, [{}]);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    expect(asked.answer.summary).toBe(
      '8 file systems: 1 read-only after an error, 1 not answering, 1 nearly full, 1 on a network, not asked',
    );
    expect(asked.answer.tables[0]?.rows[0]?.at(-1)).toBe('READ-ONLY after an error (superblock)');
  });

  it('is short where nothing is wrong, on one node and on a hundred', async () => {
    const fleet = Array.from({ length: 100 }, (_, index) =>
      having({ ...root, usedRatio: 0.2 + index / 250 }, goldenFilesystem('/run')),
    );
    const asked = await askStorage({ family: 'filesystems' }, fleet);
    expect(asked.tokens).toBeLessThanOrEqual(150);
    expect(asked.answer.summary).toBe('none in trouble');
    expect(asked.answer.notes).toContain('fullest of the others: node-0100 / 60%');
  });

  it('of a hundred nodes shows the worst within 400 tokens, and says how many there are', async () => {
    const fleet = Array.from({ length: 100 }, (_, index) =>
      having(index % 4 === 0 ? { ...root, usedRatio: 0.86 + index / 1000 } : root, goldenFilesystem('/run')),
    );
    fleet[50] = having({ ...root, readOnly: true, readOnlyCause: 'emergency_ro', emergencyReadOnly: true });
    const asked = await askStorage({ family: 'filesystems' }, fleet);
    expect(asked.tokens).toBeLessThanOrEqual(400);
    expect(asked.answer.summary).toBe('1 read-only after an error, 25 nearly full; on 26 of 100 nodes');
    expect(asked.answer.tables[0]?.rows.slice(0, 2).map(([node]) => node)).toEqual(['node-0051', 'node-0097']);
    expect(asked.text).toContain('of 26');
  });

  it('does not call a full read-only image nearly full, but does a full table of inodes', async () => {
    const image = { ...root, mountPoint: '/usr', usedRatio: 1, readOnly: true, readOnlyCause: 'mount_option' as const };
    const calm = await askStorage({ family: 'filesystems', node: 'node-0001' }, [having(root, image)]);
    expect(calm.answer.summary).toBe('2 file systems: none in trouble');
    const inodes = await askStorage({ family: 'filesystems', node: 'node-0001' }, [
      having({ ...root, inodesUsedRatio: 0.93 }),
    ]);
    expect(inodes.answer.summary).toBe('1 file system: 1 nearly full');
  });

  it('tells one that hangs from one that was not asked because others hang', async () => {
    const stuck = { ...root, status: 'timeout' as const, usedRatio: null, inodesUsedRatio: null };
    const asked = await askStorage({ family: 'filesystems', node: 'node-0001' }, [
      having({ ...stuck, reason: 'timeout' }, { ...stuck, mountPoint: '/data', reason: 'too_many' }),
    ]);
    expect(asked.answer.summary).toBe('2 file systems: 1 not answering, 1 not asked, others hang');
  });

  it('finds one by name, with its options', async () => {
    const asked = await askStorage({ family: 'filesystems', node: 'node-0001', filter: 'containerd' }, [{}]);
    expect(asked.text).toContain('/var/lib/containerd 87%');
    expect(asked.text).toContain('prjquota');
    expect(asked.text).not.toContain('/boot/efi');
  });
});
