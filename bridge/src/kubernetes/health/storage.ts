import { briefText } from '../../brief-text.ts';
import { type JsonObject, textAt } from '../json.ts';
import { conditionsOf, deletionHealth, healthBy } from './conditions.ts';
import { type Health, healthy, type Judge, SEVERITY, timeOf, worstOf } from './judge.ts';

/** A claim that pends for less time than this may just be new, milliseconds. */
const BINDING_MS = 2 * 60_000;

/**
 * A PersistentVolumeClaim by its phase, and resizing that hangs or failed. `lazy` are the storage classes that bind no claim
 * before a pod uses it (volumeBindingMode WaitForFirstConsumer); null where that is not known.
 */
export function claimJudge(lazy: ReadonlySet<string> | null): Judge {
  return (claim, now) => judgeClaim(claim, now, lazy);
}

/** What the scheduler writes once a pod that uses the claim has a place. */
const PLACED = 'volume.kubernetes.io/selected-node';

function judgeClaim(claim: JsonObject, now: Date, lazy: ReadonlySet<string> | null): Health {
  const phase = textAt(claim, 'status', 'phase') ?? 'Unknown';
  const created = timeOf(textAt(claim, 'metadata', 'creationTimestamp'));
  const fresh = created !== null && now.getTime() - created < BINDING_MS;
  const storageClass = textAt(claim, 'spec', 'storageClassName');
  const from = storageClass === undefined ? 'no storage class' : `storage class ${storageClass}`;
  const isPlaced = textAt(claim, 'metadata', 'annotations', PLACED) !== undefined;
  const isUnused = storageClass !== undefined && lazy?.has(storageClass) === true && !isPlaced;
  const byPhase: Health | null =
    phase === 'Lost'
      ? { state: phase, severity: SEVERITY.broken, why: 'its volume is gone', since: null }
      : phase === 'Pending'
        ? {
            state: phase,
            severity: fresh || isUnused ? SEVERITY.note : SEVERITY.failing,
            why: isUnused ? `waits for a pod that is placed, ${from}` : `not bound, ${from}`,
            since: created,
          }
        : null;
  const resize = conditionsOf(claim).find(
    ({ type, status }) => status === 'True' && /ResizeError|FileSystemResizePending|ModifyVolumeError/.test(type),
  );
  const byResize: Health | null =
    resize === undefined
      ? null
      : healthBy(resize, now, {
          state: resize.type,
          severity: resize.type.endsWith('Error') ? SEVERITY.degraded : SEVERITY.note,
        });
  return worstOf([deletionHealth(claim, now), byPhase, byResize], healthy(phase));
}

/** A PersistentVolume: failed, or released by its claim and held back with its data. */
export const judgeVolume: Judge = (volume, now) => {
  const phase = textAt(volume, 'status', 'phase') ?? 'Unknown';
  const message = briefText(textAt(volume, 'status', 'message') ?? textAt(volume, 'status', 'reason') ?? '', 110);
  const since = timeOf(textAt(volume, 'status', 'lastPhaseTransitionTime'));
  const policy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') ?? 'Retain';
  const byPhase: Health | null =
    phase === 'Failed'
      ? { state: phase, severity: SEVERITY.failing, why: message, since }
      : phase === 'Released'
        ? { state: phase, severity: SEVERITY.waiting, why: message || `claim is gone, policy ${policy}`, since }
        : phase === 'Pending'
          ? { state: phase, severity: SEVERITY.note, why: message, since }
          : null;
  return worstOf([deletionHealth(volume, now), byPhase], healthy(phase));
};
