import { expect, it } from 'vitest';
import { isOf, usageOf } from './figures.ts';

const figures = {
  device: '8:1',
  magic: 0xef53,
  blockSizeBytes: 4096,
  blocks: 1000,
  blocksFree: 300,
  blocksAvailable: 250,
  inodes: 100,
  inodesFree: 25,
};

it('counts as df does: what is kept for root is neither used nor available', () => {
  expect(usageOf(figures)).toEqual({
    sizeBytes: 4_096_000,
    usedBytes: 700 * 4096,
    availableBytes: 250 * 4096,
    usedRatio: 0.736842,
    inodes: 100,
    inodesFree: 25,
    inodesUsedRatio: 0.75,
  });
});

it('is full at 1 when only root can write', () => {
  expect(usageOf({ ...figures, blocksFree: 50, blocksAvailable: 0 }).usedRatio).toBe(1);
});

it.each([
  ['btrfs has no inodes to count', { inodes: 0, inodesFree: 0 }, { inodes: null, inodesUsedRatio: null }],
  ['nor do numbers that cannot be', { inodes: 5, inodesFree: 9 }, { inodes: null, inodesFree: null }],
  ['nothing in it at all', { blocks: 0, blocksFree: 0, blocksAvailable: 0 }, { sizeBytes: 0, usedRatio: null }],
  ['more free than there is', { blocksFree: 2000, blocksAvailable: 2000 }, { usedBytes: 0, usedRatio: 0 }],
])('%s', (_, change, expected) => {
  expect(usageOf({ ...figures, ...change })).toMatchObject(expected);
});

it('does not take the figures of another file system', () => {
  expect(isOf(figures, { device: '8:1', fsType: 'ext4' })).toBe(true);
  expect(isOf(figures, { device: '8:2', fsType: 'ext4' })).toBe(false);
  expect(isOf({ ...figures, device: '0:55', magic: 0x9123683e }, { device: '0:34', fsType: 'btrfs' })).toBe(true);
  expect(isOf(figures, { device: '0:34', fsType: 'btrfs' })).toBe(false);
});
