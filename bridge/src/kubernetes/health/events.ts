import { textAt } from '../json.ts';
import { type Health, healthy, type Judge, SEVERITY, timeOf } from './judge.ts';

/** An Event of core/v1 or events.k8s.io/v1; warnings come first, and the newest of them. */
export const judgeEvent: Judge = (event) => {
  const type = textAt(event, 'type') ?? 'Normal';
  const times = [
    textAt(event, 'series', 'lastObservedTime'),
    textAt(event, 'lastTimestamp'),
    textAt(event, 'deprecatedLastTimestamp'),
    textAt(event, 'eventTime'),
    textAt(event, 'metadata', 'creationTimestamp'),
  ].flatMap((text) => timeOf(text) ?? []);
  const since = times.length === 0 ? null : Math.max(...times);
  const health: Health = { state: type, severity: SEVERITY.degraded, why: '', since };
  return type === 'Normal' ? { ...healthy(type), since } : health;
};
