import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  describeSettings,
  flag,
  flagOptions,
  listOf,
  loadSettings,
  SettingsError,
  setting,
  settingsHelp,
} from './settings.ts';

const Settings = z.object({
  listenPort: setting(z.coerce.number().int('must be a whole number').default(80), {
    env: 'APP_PORT',
    description: 'The port.',
  }),
  names: setting(listOf(z.string().min(2, 'must be two letters or more')).default([]), {
    env: 'APP_NAMES',
    description: 'Names.',
  }),
  insecure: setting(flag.default(false), { env: 'APP_INSECURE', description: 'No safety.' }),
  token: setting(z.string().min(8, 'must be 8 characters or more').optional(), {
    env: 'APP_TOKEN',
    description: 'A token.',
    secret: true,
  }),
});

function problemsOf(sources: Parameters<typeof loadSettings>[1]): readonly string[] {
  try {
    loadSettings(Settings, sources);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
  }
  throw new Error('no SettingsError');
}

describe('loadSettings', () => {
  it('lets flags win over the environment and the environment over the file', () => {
    const file = { path: 'app.yaml', values: { listenPort: 1, names: ['from-file'], insecure: true } };
    const env = { APP_PORT: '2', APP_NAMES: 'from-env, second' };
    expect(loadSettings(Settings, { file, env, flags: { 'listen-port': '3' } })).toEqual({
      listenPort: 3,
      names: ['from-env', 'second'],
      insecure: true,
    });
  });

  it('takes defaults, and an empty variable as left out', () => {
    expect(loadSettings(Settings, { env: { APP_PORT: '', OTHER: 'x' }, flags: {} })).toEqual({
      listenPort: 80,
      names: [],
      insecure: false,
    });
  });

  it('reports every mistake at once with its origin, and no secret', () => {
    const file = { path: 'app.yaml', values: { insecure: 'perhaps', colour: 'red' } };
    const problems = problemsOf({ file, env: { APP_PORT: '1.5', APP_TOKEN: 'tiny' }, flags: { names: 'ok,x' } });
    expect(problems).toEqual([
      'app.yaml: colour: no such setting; there are listenPort, names, insecure, token',
      'APP_PORT: must be a whole number, got "1.5"',
      '--names: must be two letters or more, got "ok,x"',
      'app.yaml: insecure: must be true or false, got "perhaps"',
      'APP_TOKEN: must be 8 characters or more',
    ]);
  });

  it.each([[[1]], ['text'], [7]])('refuses a file that holds %j', (values) => {
    expect(problemsOf({ file: { path: 'app.yaml', values }, env: {}, flags: {} })).toEqual([
      'app.yaml: must be a YAML mapping of settings',
    ]);
  });

  it('takes an empty file', () => {
    expect(loadSettings(Settings, { file: { path: 'app.yaml', values: null }, env: {}, flags: {} }).listenPort).toBe(
      80,
    );
  });
});

describe('what help is made of', () => {
  it('names key, flag, variable, default and meaning', () => {
    expect(describeSettings(Settings)[0]).toEqual({
      key: 'listenPort',
      flag: 'listen-port',
      env: 'APP_PORT',
      description: 'The port.',
      secret: false,
      default: 80,
    });
    expect(Object.keys(flagOptions(Settings))).toEqual(['listen-port', 'names', 'insecure', 'token']);
    expect(settingsHelp(Settings)).toContain('  --listen-port  APP_PORT\n      The port. (default 80)');
    expect(settingsHelp(Settings)).toContain('(default none)');
  });
});
