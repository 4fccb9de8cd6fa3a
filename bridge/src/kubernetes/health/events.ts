import { readEvent } from '../events/event.ts';
import { textAt } from '../json.ts';
import { type Health, healthy, type Judge, SEVERITY } from './judge.ts';

/** An Event of core/v1 or events.k8s.io/v1; warnings come first, and the newest of them. */
export const judgeEvent: Judge = (event) => {
  const type = textAt(event, 'type') ?? 'Normal';
  const { last: since } = readEvent(event);
  const health: Health = { state: type, severity: SEVERITY.degraded, why: '', since };
  return type === 'Normal' ? { ...healthy(type), since } : health;
};
