import { describe, expect, it } from 'vitest';
import { layOutLabels } from './label-layout.ts';
import { shownLabel } from './secret-labels.ts';

describe('a label', () => {
  it.each(['password', 'api_key', 'auth_token', 'client_secret'])('called %s has a value that is not shown', (name) => {
    expect(shownLabel(name, 'hunter2')).toMatch(/^\[redacted:[0-9a-f]{6}\]$/);
    expect(shownLabel(name, '')).toBe('');
  });

  it.each(['namespace', 'secretName', 'le', 'resource', 'tokenExpirationSeconds'])(
    'called %s has one that is',
    (name) => {
      expect(shownLabel(name, 'hunter2')).toBe('hunter2');
    },
  );

  it('hides it as a column, and where all series have it', () => {
    const series = [
      { pod: 'a', password: 'one-secret', token: 'all-have-it' },
      { pod: 'b', password: 'another-one', token: 'all-have-it' },
    ];
    const layout = layOutLabels(series, series);
    const text = JSON.stringify([layout.common, series.map(layout.cells)]);
    expect(text).toContain('"b"');
    expect(text).not.toMatch(/one-secret|another-one|all-have-it/);
  });
});
