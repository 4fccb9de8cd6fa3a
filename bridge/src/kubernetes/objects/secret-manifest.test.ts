import { describe, expect, it } from 'vitest';
import { hideSecretManifests } from './secret-manifest.ts';

const SECRET = 'pl4in-w0rd';
const ENCODED = Buffer.from(SECRET).toString('base64');

describe('hideSecretManifests', () => {
  it.each([
    ['plainly', `apiVersion: v1\nkind: Secret\ndata:\n  config: ${ENCODED}\nstringData:\n  plain: ${SECRET}\n`],
    ['with the content first', `stringData:\n  plain: ${SECRET}\nkind: "Secret"\n`],
    ['on the same line', `kind: Secret\nstringData: {plain: ${SECRET}}\n`],
    ['as a block', `kind: Secret\nstringData:\n  app.conf: |\n    ${SECRET}\n\n    key: ${SECRET}\n    # ${SECRET}\n`],
    ['quoted over lines', `kind: Secret\nstringData:\n  a: "x\n  ${SECRET}"\n`],
    ['in a list', `items:\n- kind: Secret\n  data:\n    config: ${ENCODED}\n`],
    ['after another document', `kind: Service\n---\nkind: Secret # mine\ndata:\n  config: ${ENCODED}\n`],
    ['with the ends of lines of Windows', `kind: Secret\r\ndata:\r\n  config: ${ENCODED}\r\n`],
    ['in a template of another object', `spec:\n  template:\n    kind: Secret\n    stringData:\n      a: ${SECRET}\n`],
  ])('hides a Secret that is written %s', (_, text) => {
    const shown = hideSecretManifests(text);
    expect(shown).not.toMatch(new RegExp(`${SECRET}|${ENCODED}`));
    expect(shown).toContain('redacted:');
  });

  it('leaves the names of its keys, and all around it', () => {
    const text = `kind: Secret\nmetadata:\n  name: db\nstringData:\n  a: ${SECRET}\ntype: Opaque\n---\nkind: ConfigMap\ndata:\n  a: shown\n`;
    expect(hideSecretManifests(text).replaceAll(/\[redacted:\w+\]/g, '*')).toBe(text.replace(SECRET, '*'));
  });

  it.each([
    'kind: ConfigMap\ndata:\n  a: shown\n',
    'env:\n- valueFrom:\n    secretKeyRef: {name: db, key: data}\n',
    'subjects:\n- kind: Secret\n  name: db\ndata:\n  a: shown\n',
  ])('leaves %j', (text) => {
    expect(hideSecretManifests(text)).toBe(text);
  });
});
