import { isTrueAt, type JsonObject, listAt, textAt } from '../../../src/kubernetes/json.ts';
import { ageOf, columns, nameOf, type Printer } from './cells.ts';

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** PersistentVolumeClaims. */
export const claimPrinter: Printer = {
  columns: columns(
    ['Name', 'Status', 'Volume', 'Capacity', 'Access Modes', 'StorageClass', 'VolumeAttributesClass', 'Age'],
    ['VolumeMode'],
  ),
  cells: (claim, nowMs) => {
    const isBound = (textAt(claim, 'spec', 'volumeName') ?? '') !== '';
    return [
      nameOf(claim),
      phaseOf(claim),
      textAt(claim, 'spec', 'volumeName') ?? '',
      isBound ? (textAt(claim, 'status', 'capacity', 'storage') ?? '') : '',
      isBound ? modes(claim, 'status') : '',
      textAt(claim, 'spec', 'storageClassName') ?? '',
      textAt(claim, 'spec', 'volumeAttributesClassName') ?? '<unset>',
      ageOf(claim, nowMs),
      textAt(claim, 'spec', 'volumeMode') ?? '<unset>',
    ];
  },
};

/** PersistentVolumes. */
export const volumePrinter: Printer = {
  columns: columns(
    [
      'Name',
      'Capacity',
      'Access Modes',
      'Reclaim Policy',
      'Status',
      'Claim',
      'StorageClass',
      'VolumeAttributesClass',
      'Reason',
      'Age',
    ],
    ['VolumeMode'],
  ),
  cells: (volume, nowMs) => [
    nameOf(volume),
    textAt(volume, 'spec', 'capacity', 'storage') ?? '',
    modes(volume, 'spec'),
    textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') ?? '',
    phaseOf(volume),
    claimOf(volume),
    textAt(volume, 'spec', 'storageClassName') ?? '',
    textAt(volume, 'spec', 'volumeAttributesClassName') ?? '<unset>',
    textAt(volume, 'status', 'reason') ?? '',
    ageOf(volume, nowMs),
    textAt(volume, 'spec', 'volumeMode') ?? '<unset>',
  ],
};

/** StorageClasses. */
export const storageClassPrinter: Printer = {
  columns: columns(['Name', 'Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion', 'Age']),
  cells: (storageClass, nowMs) => [
    nameOf(storageClass) +
      (textAt(storageClass, 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class') === 'true'
        ? ' (default)'
        : ''),
    textAt(storageClass, 'provisioner') ?? '',
    textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
    textAt(storageClass, 'volumeBindingMode') ?? '<unset>',
    isTrueAt(storageClass, 'allowVolumeExpansion'),
    ageOf(storageClass, nowMs),
  ],
};

function phaseOf(object: JsonObject): string {
  const isGoing = textAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  return isGoing ? 'Terminating' : (textAt(object, 'status', 'phase') ?? '');
}

function modes(object: JsonObject, where: 'spec' | 'status'): string {
  const all = listAt(object, where, 'accessModes').map(String);
  return all.map((mode) => MODES[mode] ?? mode).join(',');
}

function claimOf(volume: JsonObject): string {
  const name = textAt(volume, 'spec', 'claimRef', 'name');
  return name === undefined ? '' : `${textAt(volume, 'spec', 'claimRef', 'namespace')}/${name}`;
}
