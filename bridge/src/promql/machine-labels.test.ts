import { describe, expect, it } from 'vitest';
import { redundantLabels, withoutLabels } from './machine-labels.ts';

const containers = [1, 2, 3, 4].map((n) => ({
  pod: `p${Math.ceil(n / 2)}`,
  container: n % 2 === 0 ? 'app' : 'proxy',
  id: `/kubepods/burstable/pod5f3c/${n}`,
  image: `registry.example.com/team/app:${n}`,
  name: `k8s_app_p_${n}`,
}));

describe('labels for machines', () => {
  it('are redundant where the others tell all series apart', () => {
    expect(redundantLabels(containers, 'container_memory_usage_bytes')).toEqual(['id', 'image', 'name']);
    expect(withoutLabels(containers[0] ?? {}, ['id', 'image', 'name'])).toEqual({ pod: 'p1', container: 'proxy' });
  });

  it('are kept where they alone tell series apart', () => {
    const pods = containers.map(({ pod, id }) => ({ pod, id }));
    expect(redundantLabels(pods, 'm')).toEqual([]);
  });

  it('are kept where the expression asks for them', () => {
    expect(redundantLabels(containers, 'count by (pod, container, image) (m)')).toEqual(['id', 'name']);
    expect(redundantLabels(containers, 'm{id!=""}')).toEqual(['image', 'name']);
  });

  it('are none with names that people chose, nor what all series have in common', () => {
    const units = [1, 2].map((n) => ({ name: `unit-${n}.service`, n: `${n}`, image: 'registry.example.com/a:1' }));
    expect(redundantLabels(units, 'm')).toEqual([]);
    expect(redundantLabels([], 'm')).toEqual([]);
  });
});
