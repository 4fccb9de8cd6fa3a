import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Issued, openWorkshop, type Workshop } from '../../test/certificate-authority.ts';
import { FactError } from '../fact-error.ts';
import { createHostRoot, type HostRoot } from '../host-root.ts';
import { newReport, type ScanLimits, scanPlaces } from './scan.ts';

let shop: Workshop;
let leaf: Issued;
let root: string;
let host: HostRoot;
const { signal } = new AbortController();
const LIMITS: ScanLimits = {
  maxFiles: 100,
  maxFileBytes: 65_536,
  maxEntriesPerDirectory: 100,
  maxCertificates: 100,
  maxErrorsPerFile: 3,
};
beforeAll(() => {
  shop = openWorkshop();
  leaf = shop.issue({ subject: '/CN=leaf', names: 'DNS:leaf.example' });
});
beforeEach(() => {
  root = mkdtempSync(join(shop.at('.'), 'root-'));
  host = createHostRoot(root, signal);
});
afterAll(() => shop.close());

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function scan(places: string[], limits: Partial<ScanLimits> = {}, on = host) {
  const report = newReport();
  await scanPlaces(on, places, new Date(), { ...LIMITS, ...limits }, report, signal);
  return report;
}

const kubeconfig = (client: string) => `kind: Config\nusers: [{name: u, user: {client-certificate: ${client}}}]\n`;

test('follows the files that a kubeconfig names, from its own directory, each once', async () => {
  put('/pki/a.kubeconfig', kubeconfig('certs/client.crt'));
  put('/pki/b.kubeconfig', kubeconfig('/pki/certs/../certs/client.crt'));
  put('/pki/certs/client.crt', leaf.certificate);
  const report = await scan(['/pki/*.kubeconfig']);
  expect(report.certificates.map(({ path, sourceKind }) => [path, sourceKind])).toEqual([
    ['/pki/certs/client.crt', 'file'],
  ]);
  expect(report.filesRead).toBe(3);
  expect(report.errors).toEqual([]);
});

test('a file that a kubeconfig names beyond the limit is counted, not dropped in silence', async () => {
  put('/pki/a.kubeconfig', kubeconfig('certs/client.crt'));
  put('/pki/b.kubeconfig', kubeconfig('certs/client.crt'));
  put('/pki/certs/client.crt', leaf.certificate);
  const report = await scan(['/pki/*.kubeconfig'], { maxFiles: 2 });
  expect(report).toMatchObject({ certificates: [], filesRead: 2, isIncomplete: true });
  expect(report.cut).toMatchObject([{ what: 'files', reason: 'too_many', detail: expect.stringMatching(/^1 files/) }]);
});

test('a kubeconfig that names a missing file, or one elsewhere, is an error of the kubeconfig', async () => {
  put('/pki/a.kubeconfig', kubeconfig('gone.crt'));
  put('/pki/b.kubeconfig', kubeconfig('../root/.ssh/id'));
  put('/root/.ssh/id', leaf.certificate);
  const { errors, certificates } = await scan(['/pki/*.kubeconfig']);
  expect(certificates).toEqual([]);
  expect(errors).toEqual([
    {
      path: '/pki/a.kubeconfig',
      embeddedAt: 'users[u].client-certificate',
      reason: 'not_found',
      detail: 'names /pki/gone.crt: /pki/gone.crt: ENOENT',
    },
    {
      path: '/pki/b.kubeconfig',
      embeddedAt: 'users[u].client-certificate',
      reason: 'out_of_scope_symlink',
      detail: 'names /root/.ssh/id, which leads out of the directories searched',
    },
  ]);
});

test('certificates beyond the limit are counted, files beyond theirs are named', async () => {
  put('/pki/a.pem', leaf.certificate.repeat(5));
  put('/pki/big.pem', leaf.certificate.repeat(200));
  const report = await scan(['/pki/*.pem'], { maxCertificates: 2 });
  expect(report.certificates).toHaveLength(2);
  expect(report.notDecoded).toBe(3);
  expect(report.errors).toEqual([
    { path: '/pki/big.pem', embeddedAt: null, reason: 'too_large', detail: '/pki/big.pem: more than 65536 bytes' },
  ]);
});

test('a file full of errors gives a few and the number of the rest', async () => {
  put('/pki/a.pem', '-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n'.repeat(50));
  const report = await scan(['/pki/a.pem']);
  expect(report.errors).toHaveLength(3);
  expect(report.cut).toEqual([{ what: '/pki/a.pem', reason: 'too_many', detail: '47 further errors' }]);
});

test('says that files were left out, and which directory is too large', async () => {
  for (const name of ['a', 'b', 'c']) put(`/pki/${name}.pem`, leaf.certificate);
  const report = await scan(['/pki/*.pem'], { maxFiles: 2 });
  expect(report).toMatchObject({ filesRead: 2, isIncomplete: true });
  expect(report.cut).toEqual([{ what: 'files', reason: 'too_many', detail: '1 of 3 files were not read' }]);
});

test('says that alternative names are left out', async () => {
  const names = Array.from({ length: 120 }, (_, at) => `DNS:n${at}.example`).join(',');
  put('/pki/a.pem', shop.issue({ subject: '/CN=many', names }).certificate);
  expect((await scan(['/pki/a.pem'])).cut).toEqual([
    { what: '/pki/a.pem', reason: 'too_many', detail: 'certificate 0: 20 further alternative names' },
  ]);
});

test('a file that may not be read is an error, one that vanished meanwhile is not', async () => {
  put('/pki/denied.crt', leaf.certificate);
  put('/pki/gone.crt', leaf.certificate);
  const failing: HostRoot = {
    ...host,
    readBytes: (path) => {
      const reason = path.includes('denied') ? 'permission_denied' : 'not_found';
      return Promise.reject(new FactError(reason, `${path}: ${reason}`));
    },
  };
  const { errors, filesRead } = await scan(['/pki/*.crt'], {}, failing);
  expect(errors).toMatchObject([{ path: '/pki/denied.crt', reason: 'permission_denied' }]);
  expect(filesRead).toBe(0);
});

test('sees a certificate that was replaced by one of the same size and time', async () => {
  const other = shop.issue({ subject: '/CN=other', names: 'DNS:other.example' });
  const texts = [leaf, other].map(({ certificate }) => certificate.toString());
  const length = Math.max(...texts.map((text) => text.length));
  const found: (string | null)[] = [];
  for (const text of [...texts, ...texts]) {
    put('/pki/a.crt', text.padEnd(length, '\n'));
    utimesSync(join(root, '/pki/a.crt'), 1_700_000_000, 1_700_000_000);
    const report = await scan(['/pki/a.crt'], {}, createHostRoot(root, signal));
    found.push(...report.certificates.map(({ commonName }) => commonName));
  }
  expect(found).toEqual(['leaf', 'other', 'leaf', 'other']);
});
