import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createKubernetesAccess } from './kubernetes-access.ts';

const directory = mkdtempSync(join(tmpdir(), 'telemcp-kubeconfig-'));
afterAll(() => rmSync(directory, { recursive: true }));

const TOKEN = 'pl4in-w0rd';

/** What a kubeconfig of that text leads to. */
async function failureOf(text: string): Promise<unknown> {
  const path = join(directory, 'config');
  writeFileSync(path, text);
  const access = createKubernetesAccess({ source: { kubeconfigs: [path] }, timeoutMs: 1000 });
  try {
    await access.headers();
    return expect.fail('had headers');
  } catch (error) {
    return error;
  } finally {
    await access.close();
  }
}

function withUser(user: unknown, server = 'http://127.0.0.1:1'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  });
}

it('does not show the lines of a kubeconfig around a mistake in it', async () => {
  const failure = await failureOf(`users:\n- name: u\n  user:\n    token: ${TOKEN}\n   bad: [x\n`);
  expect(failure).toMatchObject({
    code: 'not_configured',
    message: expect.stringMatching(/bad indentation .*\(5:4\)$/),
  });
  expect(String(failure)).not.toContain(TOKEN);
});

it('does not show what a credential plugin answered', async () => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'echo',
    args: [TOKEN],
    interactiveMode: 'Never',
  };
  const failure = await failureOf(withUser({ exec }));
  expect(failure).toMatchObject({ code: 'denied', message: expect.stringMatching(/"echo": answered what is not/) });
  expect(String(failure)).not.toContain(TOKEN.slice(0, 5));
});

it('says when the server is not an address', async () => {
  expect(await failureOf(withUser({}, 'nowhere at all'))).toMatchObject({
    code: 'not_configured',
    message: expect.stringContaining('the server of cluster "c" is not an address'),
  });
});
