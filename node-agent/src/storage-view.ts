import type { DiskFacts } from '@telemcp/shared/facts/disks';
import type { FilesystemFacts } from '@telemcp/shared/facts/filesystems';

/** `3 file systems; fullest / 71% of 98 GiB; 1 network file system not asked`. */
export function filesystemSummary({ filesystems }: FilesystemFacts): string {
  const fullest = filesystems
    .filter(({ status, readOnly, usedRatio }) => status === 'ok' && !readOnly && usedRatio !== null)
    .toSorted((a, b) => (b.usedRatio ?? 0) - (a.usedRatio ?? 0))[0];
  const network = filesystems.filter(({ status }) => status === 'skipped_network_fs').length;
  const parts = [
    counted(filesystems.length, 'file system'),
    fullest === undefined
      ? null
      : `fullest ${fullest.mountPoint} ${Math.ceil((fullest.usedRatio ?? 0) * 100)}% of ${gibibytes(fullest.sizeBytes)}`,
    network === 0 ? null : `${counted(network, 'network file system')} not asked`,
  ];
  return parts.filter(Boolean).join('; ');
}

/** `2 disks; busiest sda 12%, wait 1.5 ms (over 15 s)`. */
export function diskSummary({ disks, nvmeControllers, intervalSeconds }: DiskFacts): string {
  const busiest = disks
    .filter(({ rates }) => rates !== null)
    .toSorted((a, b) => (b.rates?.utilizationRatio ?? 0) - (a.rates?.utilizationRatio ?? 0))[0];
  const wait = busiest?.rates?.averageWaitMs ?? null;
  const temperatures = nvmeControllers.flatMap(({ temperatureCelsius }) => temperatureCelsius ?? []);
  const parts = [
    counted(disks.length, 'disk'),
    busiest === undefined || busiest.rates === null
      ? 'rates are known at the second look'
      : `busiest ${busiest.name} ${Math.floor(busiest.rates.utilizationRatio * 100)}%` +
        `${wait === null ? '' : `, wait ${wait.toFixed(1)} ms`} (over ${Math.round(intervalSeconds ?? 0)} s)`,
    temperatures.length === 0 ? null : `NVMe up to ${Math.round(Math.max(...temperatures))} °C`,
  ];
  return parts.filter(Boolean).join('; ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function gibibytes(bytes: number | null): string {
  return bytes === null ? '?' : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
