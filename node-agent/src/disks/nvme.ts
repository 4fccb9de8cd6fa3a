import type { Missing } from '@telemcp/shared/envelope';
import type { NvmeController } from '@telemcp/shared/facts/disks';
import { attempt } from '../attempt.ts';
import type { HostReader } from '../host-reader.ts';
import type { HostRoot } from '../host-root.ts';

const CLASS = '/sys/class/nvme';

/** Every NVMe controller by /sys/class/nvme; serial numbers are never read. */
export async function readNvmeControllers(
  host: HostRoot,
  files: HostReader,
): Promise<{ controllers: NvmeController[]; missing: Missing[] }> {
  const names = ((await files.names(CLASS)) ?? []).filter((name) => /^nvme\d+$/.test(name));
  const missing: Missing[] = [];
  const controllers = await Promise.all(
    names.map(async (name): Promise<NvmeController> => {
      const [state, model, firmware, transport, sensor] = await Promise.all([
        files.line(`${CLASS}/${name}/state`),
        files.line(`${CLASS}/${name}/model`),
        files.line(`${CLASS}/${name}/firmware_rev`),
        files.line(`${CLASS}/${name}/transport`),
        findSensor(files, `${CLASS}/${name}`),
      ]);
      const found = { name, state, model, firmware, transport, temperatureCelsius: null, criticalCelsius: null };
      if (sensor === null) return found;
      const criticalCelsius = parseMilliCelsius((await files.text(`${sensor}/temp1_crit`)) ?? '');
      if (state !== 'live') return { ...found, criticalCelsius };
      // The kernel asks the drive for this one, and a drive that hangs does not answer.
      const input = await attempt(host.readText(`${sensor}/temp1_input`, { mayHang: true }));
      if (input.ok) return { ...found, criticalCelsius, temperatureCelsius: parseMilliCelsius(input.value) };
      const { reason, message } = input.error;
      missing.push({ what: `${sensor}/temp1_input`, reason, detail: message });
      return { ...found, criticalCelsius };
    }),
  );
  return { controllers, missing };
}

/** The controller's sensor: below itself, before Linux 5.12 below its PCI device. Null when the kernel has none. */
async function findSensor(files: HostReader, directory: string): Promise<string | null> {
  const sensorIn = async (place: string) => {
    const found = (await files.names(place))?.find((name) => /^hwmon\d+$/.test(name));
    return found === undefined ? null : `${place}/${found}`;
  };
  return (await sensorIn(directory)) ?? (await sensorIn(`${directory}/device/hwmon`));
}

/** hwmon's thousandths of a degree; null for what is no number. */
export function parseMilliCelsius(text: string): number | null {
  return /^-?\d{1,7}$/.test(text) ? Number(text) / 1000 : null;
}
