import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactError } from '../fact-error.ts';
import { looksLikeKubeconfig, parseKubeconfig } from './kubeconfig.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: ${base64('the authority')}}
- name: 7
  cluster:
    certificate-authority: pki/ca.crt
users:
- name: admin
  user:
    client-certificate-data: |
      ${base64('the client').slice(0, 8)}
      ${base64('the client').slice(8)}
    client-certificate: /ignored.crt
    client-key-data: ${base64('the key')}
    token: abcdef
- name: node
  user: {client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem, client-key: /x.key}
- name: exec
  user: {exec: {command: aws}}
`;

test('finds embedded certificates and files, says where, and takes data before a file', async () => {
  const { embedded, references, broken } = await parseKubeconfig(KUBECONFIG);
  expect(embedded.map(({ embeddedAt, pem }) => [embeddedAt, pem.toString()])).toEqual([
    ['clusters[prod].certificate-authority-data', 'the authority'],
    ['users[admin].client-certificate-data', 'the client'],
  ]);
  expect(references).toEqual([
    { embeddedAt: 'clusters[7].certificate-authority', path: 'pki/ca.crt' },
    { embeddedAt: 'users[node].client-certificate', path: '/var/lib/kubelet/pki/kubelet-client-current.pem' },
  ]);
  expect(broken).toEqual([]);
});

test('reads JSON too', async () => {
  const text = JSON.stringify({
    kind: 'Config',
    clusters: [{ name: 'a', cluster: { 'certificate-authority': '/ca' } }],
  });
  expect(looksLikeKubeconfig(text)).toBe(true);
  expect((await parseKubeconfig(text)).references).toEqual([
    { embeddedAt: 'clusters[a].certificate-authority', path: '/ca' },
  ]);
});

test('one wrong entry costs itself only', async () => {
  const text = `clusters: [nonsense, {name: ok, cluster: {certificate-authority-data: ${base64('ca')}}}]
users: [{name: u, user: {client-certificate-data: "not base64!"}}, {name: v, user: {client-certificate-data: [1]}}, {user: 3}]`;
  const { embedded, broken } = await parseKubeconfig(text);
  expect(embedded).toHaveLength(1);
  expect(broken).toEqual([
    { embeddedAt: 'clusters[0]', detail: 'not a mapping' },
    { embeddedAt: 'users[u].client-certificate-data', detail: 'not valid base64' },
  ]);
});

test.each([
  ['users: [}\n- client-key-data: c2VjcmV0', 'not valid YAML, line 1'],
  ['just text', 'not a kubeconfig'],
  [`a: &a [x]\nb: [${'*a, '.repeat(100)}]`, 'not valid YAML'],
  [`x: ${'['.repeat(5_000)}`, 'not valid YAML, line 1'],
])('refuses %j and quotes nothing of it', async (text, message) => {
  await expect(parseKubeconfig(text)).rejects.toThrow(new FactError('parse_error', message));
});

test('refuses text that would keep the parser busy', async () => {
  await expect(parseKubeconfig(`kind: Config\n${'- '.repeat(200_000)}`)).rejects.toThrow(/more than 262144 bytes/);
});

test.each(['kind: Config', '{"kind": "Config"}', '- user: {client-certificate-data: x', '  certificate-authority: /x'])(
  'knows %j for a kubeconfig, damaged or not',
  (text) => expect(looksLikeKubeconfig(text)).toBe(true),
);

test.each(['server { listen 443; }', 'kind: ConfigMap', 'kind: KubeletConfiguration', '# certificate-authority'])(
  'does not take %j for a kubeconfig',
  (text) => expect(looksLikeKubeconfig(text)).toBe(false),
);

test('a kubeconfig with changed characters is read or refused, and no key or token comes out', async () => {
  const change = fc.tuple(
    fc.nat(KUBECONFIG.length - 1),
    fc.constantFrom('[', '{', ':', '\n', ' ', '-', '&', '*', '"', '|', 'x', ''),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const characters = [...KUBECONFIG];
      for (const [at, character] of changes) characters[at] = character;
      let shown: string;
      try {
        shown = JSON.stringify(await parseKubeconfig(characters.join('')), (_, value) =>
          value?.type === 'Buffer' ? String.fromCharCode(...value.data) : value,
        );
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
        shown = String(error);
      }
      expect(shown).not.toMatch(/the key|abcdef/);
    }),
    { numRuns: 400 },
  );
});
