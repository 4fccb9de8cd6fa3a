import { listNames } from '../../brief-text.ts';
import { at, entriesAt, numberAt } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import { conditionsOf, deletionHealth, healthBy } from './conditions.ts';
import { type Health, healthy, type Judge, SEVERITY, worstOf } from './judge.ts';

/** A PodDisruptionBudget: fewer healthy pods than it wants, so that nothing may be drained. */
export const judgeBudget: Judge = (budget, now) => {
  const wanted = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
  const have = numberAt(budget, 'status', 'currentHealthy') ?? 0;
  const covered = numberAt(budget, 'status', 'expectedPods') ?? 0;
  const failed = conditionsOf(budget).find(({ reason, status }) => status === 'False' && reason === 'SyncFailed');
  return worstOf(
    [
      deletionHealth(budget, now),
      failed === undefined ? null : healthBy(failed, now, { state: 'SyncFailed', severity: SEVERITY.degraded }),
      covered > 0 && have < wanted
        ? { state: 'Violated', severity: SEVERITY.degraded, why: `${have} healthy, wants ${wanted}`, since: null }
        : null,
    ],
    healthy(covered === 0 ? 'NoPods' : 'Satisfied'),
  );
};

/** A ResourceQuota: nothing more can be made of what is used up. */
export const judgeQuota: Judge = (quota, now) => {
  const full = entriesAt(quota, 'status', 'hard').flatMap(([resource, hard]) => {
    const most = parseQuantity(hard);
    const used = parseQuantity(at(quota, 'status', 'used', resource));
    return most !== null && used !== null && used > 0 && used >= most ? [`${resource} ${String(hard)}`] : [];
  });
  const used: Health | null =
    full.length === 0
      ? null
      : { state: 'UsedUp', severity: SEVERITY.degraded, why: `used up: ${listNames(full, 4)}`, since: null };
  return worstOf([deletionHealth(quota, now), used], healthy('WithinLimits'));
};
