import { describe, expect, it } from 'vitest';
import type { ResourceType } from '../upstreams/kubernetes.ts';
import { scrub } from './scrub.ts';

const base = { version: 'v1', singular: '', shortNames: [], namespaced: true, verbs: [], subresources: [] };
const secrets: ResourceType = { ...base, group: '', kind: 'Secret', plural: 'secrets' };
const pods: ResourceType = { ...base, group: '', kind: 'Pod', plural: 'pods' };
const value = 'hunter2-must-not-leak';
const encoded = Buffer.from(value).toString('base64');

describe('an object from the server', () => {
  it('loses managedFields and the copy that kubectl apply keeps, and nothing else', () => {
    const metadata = {
      name: 'a',
      managedFields: [{}],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'kept' },
    };
    expect(scrub({ kind: 'Pod', metadata, spec: {} }, pods)).toEqual({
      kind: 'Pod',
      metadata: { name: 'a', annotations: { note: 'kept' } },
      spec: {},
    });
  });

  it.each([
    ['asked for as a Secret', {}, secrets],
    ['that says it is a Secret', { kind: 'Secret', apiVersion: 'v1' }, pods],
  ])('%s loses its values, and says how large they are', (_, self, type) => {
    const secret = {
      ...self,
      metadata: { name: 'db', annotations: { copy: value } },
      type: 'Opaque',
      data: { password: encoded, odd: 5 },
      stringData: { plain: value },
    };
    const scrubbed = scrub(secret, type);
    expect(JSON.stringify(scrubbed)).not.toMatch(/hunter2|aHVudGVy/);
    expect(scrubbed).toMatchObject({
      type: 'Opaque',
      data: { password: `<${value.length} bytes>`, odd: '<0 bytes>' },
      stringData: { plain: `<${value.length} bytes>` },
      metadata: { annotations: { copy: `<${value.length} bytes>` } },
    });
  });

  it('may be without metadata, or hold anything else there', () => {
    for (const metadata of [undefined, null, 'x', [], {}]) {
      expect(scrub({ kind: 'Pod', metadata }, pods)).toEqual({ kind: 'Pod', metadata });
    }
  });
});
