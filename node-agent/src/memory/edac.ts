import type { MemoryFacts } from '@telemcp/shared/facts/memory';
import type { DriverReader } from '../driver-reader.ts';
import type { HostReader } from '../host-reader.ts';

const CONTROLLERS = '/sys/devices/system/edac/mc';
const MAX_CONTROLLERS = 32;

/** Errors that each memory controller saw (kernel documentation, admin-guide/RAS); null where no driver watches one. */
export async function readMemoryControllers(
  files: HostReader,
  driver: DriverReader,
): Promise<MemoryFacts['memoryControllers']> {
  const names = ((await files.names(CONTROLLERS)) ?? []).filter((name) => /^mc\d{1,4}$/.test(name));
  if (names.length === 0) return null;
  if (names.length > MAX_CONTROLLERS)
    files.missing.push({ what: CONTROLLERS, reason: 'too_many', detail: `${MAX_CONTROLLERS} of ${names.length} read` });
  return Promise.all(
    names.slice(0, MAX_CONTROLLERS).map(async (controller) => {
      const [name, corrected, uncorrected] = await Promise.all([
        driver.text(`${CONTROLLERS}/${controller}/mc_name`),
        driver.number(`${CONTROLLERS}/${controller}/ce_count`),
        driver.number(`${CONTROLLERS}/${controller}/ue_count`),
      ]);
      return { controller, name, correctedErrors: atLeastZero(corrected), uncorrectedErrors: atLeastZero(uncorrected) };
    }),
  );
}

function atLeastZero(count: number | null): number | null {
  return count === null || count < 0 ? null : count;
}
