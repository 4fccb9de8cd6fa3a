import { briefText } from '../../brief-text.ts';
import { at, type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import { conditionsOf, deletionHealth, healthBy } from './conditions.ts';
import { type Health, healthy, type Judge, SEVERITY, worstOf } from './judge.ts';

/** A HorizontalPodAutoscaler (autoscaling/v2): one that cannot see or act is worst, then one that would need more than its most. */
export const judgeHpa: Judge = (hpa, now) => {
  const conditions = conditionsOf(hpa);
  const off = (type: string) => conditions.find((condition) => condition.type === type && condition.status !== 'True');
  const unable = off('AbleToScale');
  const blind = off('ScalingActive');
  const limited = conditions.find(({ type, status }) => type === 'ScalingLimited' && status === 'True');
  const max = numberAt(hpa, 'spec', 'maxReplicas');
  const desired = numberAt(hpa, 'status', 'desiredReplicas');
  const above = desired !== undefined && desired === max ? metricsAboveTarget(hpa) : [];
  const wantsMore = limited?.reason === 'TooManyReplicas';
  return worstOf(
    [
      deletionHealth(hpa, now),
      unable === undefined ? null : healthBy(unable, now, { state: 'UnableToScale', severity: SEVERITY.broken }),
      blind === undefined
        ? null
        : blind.reason === 'ScalingDisabled'
          ? healthBy(blind, now, { state: 'Disabled', severity: SEVERITY.note })
          : healthBy(blind, now, { state: 'NoMetrics', severity: SEVERITY.failing }),
      above.length > 0 || wantsMore
        ? atLimit(max, above, limited?.since ?? null)
        : limited !== undefined && limited.reason !== 'TooFewReplicas'
          ? healthBy(limited, now, { state: 'Limited', severity: SEVERITY.note })
          : null,
    ],
    healthy(conditions.length === 0 ? 'Unobserved' : 'Active'),
  );
};

function atLimit(max: number | undefined, above: readonly string[], since: number | null): Health {
  const metrics = above.length === 0 ? 'wants more' : above.join(', ');
  return { state: 'AtLimit', severity: SEVERITY.degraded, why: `at its most (${max ?? '?'}): ${metrics}`, since };
}

/** `cpu 95%/70%` for every metric whose current value is so far above its target that more replicas are wanted. */
function metricsAboveTarget(hpa: JsonObject): string[] {
  const current = listAt(hpa, 'status', 'currentMetrics');
  return listAt(hpa, 'spec', 'metrics').flatMap((metric, index) => {
    const source = sourceOf(metric);
    const target = measureOf(at(source, 'target'));
    const now = measureOf(at(sourceOf(current[index]), 'current'));
    if (target === null || now === null || now.value <= target.value * TOLERATED) return [];
    const name = textAt(source, 'name') ?? textAt(source, 'metric', 'name') ?? 'metric';
    return [`${briefText(name, 40)} ${now.text}/${target.text}`];
  });
}

/** The autoscaler lets a metric be a tenth off before it acts (--horizontal-pod-autoscaler-tolerance). */
const TOLERATED = 1.1;

function sourceOf(metric: Json | undefined): Json | undefined {
  return ['resource', 'containerResource', 'pods', 'object', 'external']
    .map((name) => at(metric, name))
    .find((found) => found !== undefined);
}

function measureOf(target: Json | undefined): { value: number; text: string } | null {
  const percent = numberAt(target, 'averageUtilization');
  if (percent !== undefined) return { value: percent, text: `${percent}%` };
  const text = textAt(target, 'averageValue') ?? textAt(target, 'value');
  const value = text === undefined ? null : parseQuantity(text);
  return text === undefined || value === null ? null : { value, text };
}

/** A VerticalPodAutoscaler: whether it has a recommendation. */
export const judgeVpa: Judge = (vpa, now) => {
  const conditions = conditionsOf(vpa);
  const bad = (type: string, status: string) =>
    conditions.find((condition) => condition.type === type && condition.status === status);
  const found = [
    bad('ConfigUnsupported', 'True'),
    bad('NoPodsMatched', 'True'),
    bad('FetchingHistory', 'True'),
    bad('LowConfidence', 'True'),
    bad('RecommendationProvided', 'False'),
  ].map((condition): Health | null => {
    if (condition === undefined) return null;
    const severe = ['ConfigUnsupported', 'NoPodsMatched', 'RecommendationProvided'].includes(condition.type);
    const state = condition.type === 'RecommendationProvided' ? 'NoRecommendation' : condition.type;
    const severity = severe ? SEVERITY.degraded : SEVERITY.note;
    return healthBy(condition, now, { state, severity });
  });
  return worstOf([deletionHealth(vpa, now), ...found], healthy('Recommending'));
};
