import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSteadyLevels, type Limits } from './steady-levels.ts';

const LIMITS: Limits = [0.8, 0.95, 0.05];

it('says a word as soon as its limit is reached, and keeps it until the figure is clearly below', () => {
  const { level } = createSteadyLevels();
  const words = [0.79, 0.8, 0.79, 0.76, 0.74, 0.79, 0.95, 0.91, 0.89, 0.96, 0.7].map((value) =>
    level('cpu', value, LIMITS),
  );
  expect(words).toEqual(['ok', 'high', 'high', 'high', 'ok', 'ok', 'critical', 'critical', 'high', 'critical', 'ok']);
});

it('says nothing of a figure that is not known, and remembers none', () => {
  const { level } = createSteadyLevels();
  expect([level('cpu', 0.8, LIMITS), level('cpu', null, LIMITS), level('cpu', 0.79, LIMITS)]).toEqual([
    'high',
    null,
    'ok',
  ]);
});

it('keeps what is said of one thing apart from another', () => {
  const { level } = createSteadyLevels();
  level('cpu', 0.99, LIMITS);
  expect(level('memory', 0.79, LIMITS)).toBe('ok');
});

it('says at most one other word while a figure stays within half a margin, whatever it does there', () => {
  const around = fc.constantFrom(0.8, 0.95);
  const wobble = fc.array(fc.double({ min: -0.024, max: 0.024, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(around, wobble, (limit, steps) => {
      const { level } = createSteadyLevels();
      const words = steps.map((step) => level('cpu', limit + step, LIMITS));
      expect(words.filter((word, index) => index > 0 && word !== words[index - 1]).length).toBeLessThanOrEqual(1);
    }),
  );
});

it('counts a service for two minutes after it was last seen to be started again', () => {
  const { recent } = createSteadyLevels();
  expect(recent(['a', 'b'], 0)).toEqual(['a', 'b']);
  expect(recent(['b'], 60_000)).toEqual(['a', 'b']);
  expect(recent([], 120_001)).toEqual(['b']);
  expect(recent([], 180_001)).toEqual([]);
});
