import type { SystemdManager } from '@telemcp/shared/facts/systemd';
import { FactError } from '../fact-error.ts';
import { MANAGER_OBJECT, type SystemdReader } from './systemd-reader.ts';

const PROPERTIES = [
  'Version',
  'SystemState',
  'NFailedUnits',
  'NNames',
  'NJobs',
  'Virtualization',
  'Architecture',
  'Tainted',
  'FinishTimestamp',
] as const;

/**
 * The manager's own properties.
 * @throws {FactError} of the property that could not be read: without the state of the manager nothing else is worth saying
 */
export async function readManager(reader: SystemdReader): Promise<SystemdManager> {
  const found = await reader.properties(MANAGER_OBJECT, 'Manager', PROPERTIES);
  const version = found.text('Version');
  const systemState = found.text('SystemState');
  const failedUnits = found.count('NFailedUnits');
  const loadedUnits = found.count('NNames');
  const queuedJobs = found.count('NJobs');
  if (version === null || systemState === null || failedUnits === null || loadedUnits === null || queuedJobs === null) {
    throw found.errors[0] ?? new FactError('parse_error', 'systemd does not say its version, state or counts of units');
  }
  return {
    version,
    systemState,
    failedUnits,
    loadedUnits,
    queuedJobs,
    virtualization: found.text('Virtualization') ?? '',
    architecture: found.text('Architecture') ?? '',
    tainted: (found.text('Tainted') ?? '').split(':').filter((flag) => flag !== ''),
    bootFinishedAt: found.time('FinishTimestamp'),
  };
}
