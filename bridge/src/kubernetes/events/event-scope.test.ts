import { describe, expect, it } from 'vitest';
import { concerns, includesOwned, mayConcern } from './event-scope.ts';

const about = (kind: string, name: string) => ({ namespace: 'payments', kind, name });
const deployment = [
  { kind: 'ReplicaSet', name: 'ledger-7d9f8b6c5d' },
  { kind: 'Deployment', name: 'ledger' },
];

describe('the scope of a workload', () => {
  const scope = { kind: 'Deployment', name: 'ledger' };

  it.each([
    ['itself', about('Deployment', 'ledger'), []],
    ['a pod whose owner was seen', about('Pod', 'ledger-7d9f8b6c5d-x2x7z'), deployment],
    ['its ReplicaSet', about('ReplicaSet', 'ledger-7d9f8b6c5d'), deployment.slice(1)],
    ['a pod that is gone with its ReplicaSet', about('Pod', 'ledger-6b8f7c9d4f-q9q8w'), []],
    ['a ReplicaSet that is gone', about('ReplicaSet', 'ledger-6b8f7c9d4f'), []],
  ])('has %s', (_, object, owners) => {
    expect(mayConcern(scope, object)).toBe(true);
    expect(concerns(scope, object, owners)).toBe(true);
    expect(concerns({ kind: undefined, name: 'ledger' }, object, owners)).toBe(true);
  });

  it.each([
    ['another Deployment', about('Deployment', 'ledger-api'), []],
    ['a pod of another workload', about('Pod', 'ledger-db-0'), [{ kind: 'StatefulSet', name: 'ledger-db' }]],
    ['a gone pod of another workload', about('Pod', 'ledger-api-7d9f8b6c5d-x2x7z'), []],
    ['a Service of a like name', about('Service', 'ledger-x2x7z'), []],
    ['a Service of the same name', about('Service', 'ledger'), []],
  ])('has not %s', (_, object, owners) => {
    expect(concerns(scope, object, owners)).toBe(false);
  });

  it('finds pods whose names were cut to fit', () => {
    const name = 'a'.repeat(70);
    const pod = about('Pod', `${'a'.repeat(58)}x2x7z`);
    expect(mayConcern({ kind: 'Job', name }, pod)).toBe(true);
    expect(concerns({ kind: 'Job', name }, pod, [{ kind: 'Job', name }])).toBe(true);
  });

  it('has the pods of a CronJob that are gone with their Job', () => {
    expect(concerns({ kind: 'CronJob', name: 'backup' }, about('Pod', 'backup-28374650-x2x7z'), [])).toBe(true);
  });
});

describe('the scope of one object', () => {
  it('is exact', () => {
    const scope = { kind: 'Pod', name: 'web' };
    expect(includesOwned(scope)).toBe(false);
    expect(concerns(scope, about('Pod', 'web'), [])).toBe(true);
    expect(mayConcern(scope, about('Pod', 'web-x2x7z'))).toBe(false);
    expect(concerns(scope, about('Service', 'web'), [])).toBe(false);
  });

  it('is a kind, or everything, without a name', () => {
    expect(mayConcern({ kind: 'Node', name: undefined }, about('Pod', 'web'))).toBe(false);
    expect(mayConcern({ kind: undefined, name: undefined }, about('Pod', 'web'))).toBe(true);
  });
});
