import { describe, expect, it } from 'vitest';
import { golden, knownUnit } from '../../test/fake-agent.ts';
import { detailOf, showCause, showDetail, showExit, showState, TROUBLE, urgency } from './unit-state.ts';

const state = (loadState: string, activeState: string, subState: string) => ({
  ...knownUnit('k3s.service'),
  loadState,
  activeState,
  subState,
});
const service = (result: string, exitKind: 'exited' | 'killed' | 'dumped' | null, exitStatus: number | null) => {
  const { service: known } = knownUnit('k3s.service');
  if (known === null) throw new Error('k3s.service is a service');
  return { ...known, result, exitKind, exitStatus };
};

describe('the state of a unit', () => {
  it.each([
    [state('loaded', 'active', 'running'), 'active (running)'],
    [state('loaded', 'failed', 'failed'), 'failed'],
    [state('not-found', 'inactive', 'dead'), 'not-found'],
    [state('masked', 'inactive', 'dead'), 'masked'],
    // The unit file was removed while the service runs on.
    [state('not-found', 'active', 'running'), 'active (running), not-found'],
  ])('is shown as systemctl does', (unit, shown) => {
    expect(showState(unit)).toBe(shown);
  });

  it('ranks what is wrong before what merely differs', () => {
    const worstFirst = [
      state('loaded', 'failed', 'failed'),
      state('bad-setting', 'inactive', 'dead'),
      state('loaded', 'activating', 'auto-restart'),
      state('not-found', 'inactive', 'dead'),
      state('masked', 'inactive', 'dead'),
      state('loaded', 'inactive', 'dead'),
      state('loaded', 'active', 'running'),
    ];
    expect(worstFirst.toSorted((a, b) => urgency(a) - urgency(b))).toEqual(worstFirst);
    expect(worstFirst.filter((unit) => urgency(unit) <= TROUBLE)).toHaveLength(3);
  });

  it.each([
    [service('success', 'exited', 0), null],
    [service('success', null, null), null],
    [service('exit-code', 'exited', 3), 'exit-code, status 3'],
    [service('signal', 'killed', 9), 'signal, SIGKILL'],
    [service('core-dump', 'dumped', 11), 'core-dump, SIGSEGV (core dumped)'],
    [service('signal', 'killed', 42), 'signal, signal 42'],
    [service('oom-kill', null, null), 'oom-kill'],
    // SuccessExitStatus= can call any status a success.
    [service('success', 'killed', 15), null],
    [service('success', 'exited', 143), 'status 143'],
  ])('tells how the last run ended', (ended, shown) => {
    expect(showExit(ended)).toBe(shown);
  });

  it('explains a unit without repeating that it does not exist', () => {
    expect(showDetail(knownUnit('kubelet.service'))).toBe('');
    expect(showDetail(knownUnit('nginx.service'))).toBe('exit-code, status 1, 5 restarts');
    expect(showDetail(knownUnit('systemd-networkd.service'))).toBe('says: Processing requests...');
  });

  it('keeps what differs from node to node by chance out of the cause', () => {
    expect(showCause(knownUnit('nginx.service'))).toBe('exit-code, status 1');
    expect(showCause({ ...state('loaded', 'inactive', 'dead'), unitFileState: 'disabled' })).toBe('disabled');
    expect(
      showCause({ ...state('bad-setting', 'inactive', 'dead'), loadError: 'Unit has a bad unit file setting.' }),
    ).toBe('Unit has a bad unit file setting.');
  });

  it('tells a unit in detail from a row of a list', () => {
    const units = golden.units.data?.units ?? [];
    expect(units.filter((unit) => detailOf(unit) === null).map((unit) => unit.name)).toEqual([
      ...['chrony.service', 'k3s.service', 'ssh.service', 'systemd-networkd.service'],
    ]);
  });
});
