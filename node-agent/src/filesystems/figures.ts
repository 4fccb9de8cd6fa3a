import type { Filesystem } from '@telemcp/shared/facts/filesystems';
import type { FilesystemFigures } from '../host-root.ts';

type Usage = Pick<
  Filesystem,
  'sizeBytes' | 'usedBytes' | 'availableBytes' | 'usedRatio' | 'inodes' | 'inodesFree' | 'inodesUsedRatio'
>;

/** What stands for figures that could not be had. */
export const NO_USAGE: Usage = {
  sizeBytes: null,
  usedBytes: null,
  availableBytes: null,
  usedRatio: null,
  inodes: null,
  inodesFree: null,
  inodesUsedRatio: null,
};

/** Figures as df(1) shows them: blocks kept for root count as neither used nor available. */
export function usageOf(figures: FilesystemFigures): Usage {
  const { blockSizeBytes, blocks, blocksFree, blocksAvailable, inodes, inodesFree } = figures;
  const used = Math.max(0, blocks - blocksFree);
  const hasInodes = inodes > 0 && inodesFree <= inodes;
  return {
    sizeBytes: blocks * blockSizeBytes,
    usedBytes: used * blockSizeBytes,
    availableBytes: blocksAvailable * blockSizeBytes,
    usedRatio: used + blocksAvailable === 0 ? null : rounded(used / (used + blocksAvailable)),
    inodes: hasInodes ? inodes : null,
    inodesFree: hasInodes ? inodesFree : null,
    inodesUsedRatio: hasInodes ? rounded((inodes - inodesFree) / inodes) : null,
  };
}

const BTRFS_MAGIC = 0x9123683e;

/** Whether figures are of the file system they were asked for, and not of one that shines through where it is not mounted. */
export function isOf(figures: FilesystemFigures, { device, fsType }: { device: string; fsType: string }): boolean {
  // Paths of btrfs carry the number of their subvolume.
  return fsType === 'btrfs' ? figures.magic === BTRFS_MAGIC : figures.device === device;
}

function rounded(ratio: number): number {
  return Math.round(ratio * 1e6) / 1e6;
}
