import { describe, expect, it } from 'vitest';
import {
  CREDENTIAL_NAMES,
  HARMLESS_FIELDS,
  HARMLESS_TEXTS,
  RECOGNIZABLE,
  VARIABLE_NAMES,
} from '../../../test/secret-corpus.ts';
import type { JsonObject } from '../json.ts';
import { parseFields } from './field-projection.ts';
import { objectDocument } from './object-document.ts';
import { redactObject } from './redact-object.ts';

const PLAIN = 'pl4in-w0rd';

function podWith(container: JsonObject, annotations: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations }, spec: { containers: [container] } };
}

function configMap(data: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
}

function manifest(): JsonObject {
  const data = { config: Buffer.from(PLAIN).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data, stringData: { plain: PLAIN } };
}

const MANIFEST_YAML = `apiVersion: v1\nkind: Secret\nstringData:\n  plain: ${PLAIN}\n`;

/** Everything that a reader can be shown of an object, one text after the other. */
function shownOf(object: JsonObject): string {
  const paths = [
    '*',
    '*.*',
    'spec',
    'spec.containers',
    'spec.containers[*]',
    'spec.containers[0].args',
    '..value',
    '..env',
  ];
  const deeper = [
    '..annotations',
    'metadata.annotations.*',
    'data.*',
    '..args[*]',
    '..args[-1]',
    '..command[*]',
    '..env[*]',
  ];
  const picked = [...paths, ...deeper].map((path) => JSON.stringify(parseFields(path).pick(object)));
  const documents = (['yaml', 'json'] as const).map((output) => objectDocument(object, { output }).rows.join('\n'));
  return [...picked, ...documents].join('\n');
}

describe('redactObject', () => {
  it.each(RECOGNIZABLE)(
    'shows %s nowhere: not as a variable, an argument, an annotation or a ConfigMap',
    (_, text, secret) => {
      const container = {
        env: [{ name: 'SETTING', value: text }],
        args: ['run', text],
        command: ['sh', '-c', `run ${text}`],
      };
      const objects = [
        podWith(container, { 'example.org/setting': text }),
        configMap({ setting: text, 'setting.txt': `# a file\n${text}\n` }),
        {
          apiVersion: 'example.org/v1',
          kind: 'Thing',
          spec: { containers: [{ setting: text, list: [text, [text]] }] },
        },
      ];
      // A secret that fills lines is folded or escaped where it is shown.
      const lines = secret.split('\n');
      for (const object of objects) for (const line of lines) expect(shownOf(object)).not.toContain(line);
    },
  );

  it.each(CREDENTIAL_NAMES)('shows no value of %s', (name) => {
    const args = [`--${name}=${PLAIN}`, `--${name}`, PLAIN, `${name}=${PLAIN}`];
    const objects = [
      podWith({ env: [{ name, value: PLAIN }], args }, { [`example.org/${name}`]: PLAIN }),
      configMap({ [name]: PLAIN }),
      {
        apiVersion: 'example.org/v1',
        kind: 'Thing',
        spec: { containers: [{ [name]: PLAIN }, { [name]: { value: PLAIN } }] },
      },
    ];
    for (const object of objects) expect(shownOf(object)).not.toContain(PLAIN);
  });

  it.each(VARIABLE_NAMES)('shows no value of the variable %s', (name) => {
    for (const object of [podWith({ env: [{ name, value: PLAIN }] }), configMap({ [name]: PLAIN })])
      expect(shownOf(object)).not.toContain(PLAIN);
  });

  it.each(HARMLESS_FIELDS)('leaves %s as it is', (name, value) => {
    const pod = podWith(
      { [name]: value, env: [{ name, value }], args: [`--${name}=${value}`, `--${name}`, value] },
      { [name]: value },
    );
    expect(redactObject(pod)).toStrictEqual(pod);
    expect(redactObject(configMap({ [name]: value }))).toStrictEqual(configMap({ [name]: value }));
  });

  it.each(HARMLESS_TEXTS)('leaves the text %j as it is', (text) => {
    const pod = podWith(
      { env: [{ name: 'SETTING', value: text }], command: ['sh', '-c', text] },
      { 'example.org/x': text },
    );
    expect(redactObject(pod)).toStrictEqual(pod);
  });

  it.each([
    ['in its spec', { spec: { containers: [{ manifest: manifest() }] } }],
    ['in a list', { spec: { manifests: [manifest(), manifest()] } }],
    ['as JSON in an annotation', { metadata: { annotations: { 'example.org/made': JSON.stringify(manifest()) } } }],
    ['as YAML in a field', { spec: { values: MANIFEST_YAML } }],
    ['as YAML in a ConfigMap', { kind: 'ConfigMap', data: { 'secret.yaml': MANIFEST_YAML } }],
    ['in base64', { kind: 'ConfigMap', binaryData: { 's.yaml': Buffer.from(MANIFEST_YAML).toString('base64') } }],
  ])('hides what a Secret holds that another object carries %s', (_, parts) => {
    const object = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 't' }, ...parts };
    const paths = ['..manifest', '..manifests', '..data', '..config', '..plain', 'spec.manifests[*].data.config'];
    const deeper = [
      'spec.manifests[0].stringData.*',
      'spec.manifests[?(@.data.config=="x")]',
      'binaryData.*',
      'spec.*',
    ];
    const shown = [...paths, ...deeper].map((path) => JSON.stringify(parseFields(path).pick(object))).join('\n');
    const encoded = Buffer.from(PLAIN).toString('base64');
    expect(shown + shownOf(object)).not.toMatch(new RegExp(`${PLAIN}|${encoded}`));
  });

  it.each(['pass\u001b[0mword=pl4in-w0rd', 'passw\u200bord: pl4in-w0rd'])('sees through what hides in %j', (text) => {
    const object = {
      kind: 'Thing',
      metadata: { annotations: { note: text } },
      status: { conditions: [{ message: text }] },
    };
    expect(shownOf(object)).not.toContain(PLAIN);
    expect(JSON.stringify(parseFields('status.conditions[0].message').pick(object))).not.toContain(PLAIN);
  });

  it.each([
    [['mysqladmin', 'ping', '-u', 'root', `-p${PLAIN}`]],
    [['redis-cli', '-h', 'cache', '-a', PLAIN, 'ping']],
    [['curl', '-s', '-u', `app:${PLAIN}`, 'https://x.example']],
    [['vault', 'login', '--token', PLAIN]],
  ])('knows the options of %j', (command) => {
    const shown = shownOf(podWith({ command, livenessProbe: { exec: { command } } }));
    expect(shown).not.toContain(PLAIN);
    expect(shown).toContain(command[0]);
  });

  it('leaves what refers to a Secret or describes one', () => {
    const pod: JsonObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/auth-secret': 'payments/basic-auth' } },
      spec: {
        automountServiceAccountToken: false,
        imagePullSecrets: [{ name: 'regcred' }],
        tolerations: [{ key: 'token', operator: 'Equal', value: 'dedicated' }],
        volumes: [
          { name: 'tls', secret: { secretName: 'ledger-tls', items: [{ key: 'tls.key', path: 'tls.key' }] } },
          { name: 'sa', projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] } },
        ],
        containers: [
          {
            env: [{ name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'api', key: 'password' } } }],
            envFrom: [{ secretRef: { name: 'ledger-env' } }],
          },
        ],
      },
    };
    expect(redactObject(pod)).toStrictEqual(pod);
    const external: JsonObject = {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      spec: {
        data: [{ secretKey: 'password', remoteRef: { key: 'prod/db', property: 'password' } }],
        target: { name: 'db' },
      },
    };
    expect(redactObject(external)).toStrictEqual(external);
    const role: JsonObject = {
      kind: 'Role',
      rules: [{ resources: ['secrets', 'serviceaccounts/token'], verbs: ['get'] }],
    };
    expect(redactObject(role)).toStrictEqual(role);
  });

  it('shows of a Secret its keys and sizes, and nothing of content that somebody forgot to replace', () => {
    const secret: JsonObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      data: { password: '<13 bytes>', note: 'aGFybWxlc3M=' },
      stringData: { note: 'harmless' },
    };
    expect(redactObject(secret)).toMatchObject({ data: { password: '<13 bytes>' } });
    const shown = shownOf(secret);
    expect(shown).toContain('<13 bytes>');
    expect(shown).not.toMatch(/aGFybWxlc3M|harmless/);
    expect(parseFields('data.note,stringData["note"],data').pick(secret).tuples.join()).not.toMatch(/aGFy|harmless/);
  });

  it('gives equal secrets equal markers in a document, in fields and in different objects', () => {
    const first = podWith({ env: [{ name: 'DB_PASSWORD', value: PLAIN }] });
    const second = configMap({ password: PLAIN });
    const markers = new Set(`${shownOf(first)}${shownOf(second)}`.match(/\[redacted:\w{6}\]/g));
    expect(markers.size).toBe(1);
  });

  it('does not let a filter find out what a secret is', () => {
    const pod = podWith({ name: 'a', env: [{ name: 'DB_PASSWORD', value: PLAIN }] });
    const found = (test: string) => parseFields(`spec.containers[*].env[?(${test})].name`).pick(pod).tuples;
    expect(found(`@.value=="${PLAIN}"`)).toStrictEqual([[null]]);
    expect(found('@.value>"pl"')).toStrictEqual(found('@.value>"zz"'));
    expect(found('@.name=="DB_PASSWORD"')).toStrictEqual([['DB_PASSWORD']]);
  });

  it('is the same the second time', () => {
    for (const [, text] of RECOGNIZABLE) {
      const once = redactObject(
        podWith({ env: [{ name: 'DB_PASSWORD', value: text }], args: ['--token', text, text] }),
      );
      expect(redactObject(once)).toStrictEqual(once);
    }
  });
});
