import { describeSettings } from '@telemcp/shared/settings';
import { expect, test } from 'vitest';
import { helpText, parseCommandLine } from './command-line.ts';
import { AgentSettings } from './config.ts';

test('serve takes every setting as a flag', () => {
  for (const { flag } of describeSettings(AgentSettings)) {
    const isSwitch = flag === 'insecure' || flag === 'allow-root-bus';
    const given = isSwitch ? `--${flag}` : `--${flag}=x`;
    const value = isSwitch ? true : 'x';
    expect(parseCommandLine(['serve', given])).toEqual({
      name: 'serve',
      settings: { flags: { [flag]: value }, configPath: undefined },
    });
  }
});

test('facts takes families, in any order, and options between them', () => {
  expect(
    parseCommandLine(['facts', 'os', '--json', 'systemd', '--config', '/etc/a.yaml', '--host-root', '/host']),
  ).toEqual({
    name: 'facts',
    families: ['systemd', 'os'],
    json: true,
    settings: { flags: { 'host-root': '/host' }, configPath: '/etc/a.yaml' },
  });
});

test('help and version win over what else is there', () => {
  expect(parseCommandLine(['-h'])).toEqual({ name: 'help' });
  expect(parseCommandLine(['serve', '--help'])).toEqual({ name: 'help' });
  expect(parseCommandLine(['--version'])).toEqual({ name: 'version' });
});

test.each<[string[], RegExp]>([
  [[], /no command given; there are serve and facts/],
  [['srve'], /no such command: srve; there are serve and facts/],
  [['serve', 'now'], /serve takes no argument: now/],
  [['serve', '--json'], /--json goes with facts/],
  [['serve', '--lisen=:1'], /no such option: --lisen; there are --listen, /],
  [['serve', '-x'], /no such option: -x; there are/],
  [['serve', '--listen'], /--listen needs a value/],
  [['serve', '--listen', '--insecure'], /--listen needs a value/],
  [['serve', '--insecure=yes'], /--insecure takes no value/],
  [['facts', 'weather'], /no such family: weather; there are systemd, certificates, time, os/],
])('%j is refused by name', (args, message) => {
  expect(parseCommandLine(args)).toEqual({ name: 'wrong', message: expect.stringMatching(message) });
});

test('the help names every command, family and setting, and its lines fit a terminal', () => {
  const text = helpText([{ family: 'systemd', help: 'Units.' }]);
  for (const { flag, env } of describeSettings(AgentSettings)) expect(text).toContain(`--${flag}  ${env}`);
  expect(text).toMatch(/serve[\s\S]*facts[\s\S]*systemd {2}Units\.[\s\S]*Examples:/);
  expect(text).toContain('127.0.0.1:9110');
  expect(text.split('\n').filter((line) => line.length > 120)).toEqual([]);
});
