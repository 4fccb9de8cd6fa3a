import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private key as files hold it. */
export interface Key {
  key: KeyObject;
  /** PKCS#8 in PEM. */
  pem: string;
}

/** A certificate with the key it was made for. */
export interface Issued extends Key {
  certificate: string;
}

interface Wanted {
  /** As `openssl req -subj` takes it: `/O=system:masters/CN=kubernetes-admin`. */
  subject: string;
  key?: Key;
  /** As the subjectAltName extension takes it: `DNS:a.example,IP:10.0.0.1`. */
  names?: string;
  isCa?: boolean;
  /** Days from now. */
  from?: number;
  days?: number;
  /** In place of `days`, as ASN.1 writes it: `99991231235959Z`. */
  until?: string;
}

const CONFIG = `
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = store
[store]
database = index.txt
new_certs_dir = .
crlnumber = crlnumber
rand_serial = yes
unique_subject = no
copy_extensions = copyall
default_md = sha256
default_days = 365
policy = anything
[anything]
commonName = optional
`;

/** A key pair. RSA keys take a while to make; reuse them. */
export function makeKey(kind: 'ec' | 'p384' | 'rsa' | 'rsa-pss' | 'ed25519' = 'ec'): Key {
  const key = {
    ec: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
    p384: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey,
    rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    'rsa-pss': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey,
    ed25519: () => generateKeyPairSync('ed25519').privateKey,
  }[kind]();
  return { key, pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Makes certificates with the `openssl` command in a directory of its own. */
export interface Workshop {
  /** Runs `openssl` in the workshop's directory. */
  openssl(...args: string[]): Buffer;
  /** Where a file of the workshop lies. */
  at(name: string): string;
  /** A certificate signed by `authority`, or by its own key. */
  issue(wanted: Wanted, authority?: Issued): Issued;
  /** A revocation list in PEM, from one day ago until `days` from now. */
  revocationList(authority: Issued, days: number): string;
  close(): void;
}

/** Needs `openssl` 3 on the path. */
export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'workshop-'));
  // One instant for all, so that what is to last equally long ends in the same second.
  const openedAt = Date.now();
  const at = (name: string) => join(directory, name);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const signer = ({ certificate, pem }: Issued) => {
    writeFileSync(at('ca.crt'), certificate);
    writeFileSync(at('ca.key'), pem);
    return ['-cert', 'ca.crt', '-keyfile', 'ca.key'];
  };
  writeFileSync(at('openssl.cnf'), CONFIG);
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('crlnumber'), '01\n');
  return {
    openssl,
    at,
    issue(wanted, authority) {
      const key = wanted.key ?? makeKey();
      writeFileSync(at('subject.key'), key.pem);
      const extensions = [`basicConstraints=critical,CA:${wanted.isCa === true ? 'TRUE' : 'FALSE'}`];
      if (wanted.names !== undefined) extensions.push(`subjectAltName=${wanted.names}`);
      const request = ['req', '-new', '-utf8', '-config', 'openssl.cnf', '-key', 'subject.key', '-out', 'subject.csr'];
      openssl(...request, '-subj', wanted.subject, ...extensions.flatMap((line) => ['-addext', line]));
      const dates = [
        '-startdate',
        asn1Time(openedAt, wanted.from ?? -1),
        '-enddate',
        wanted.until ?? asn1Time(openedAt, wanted.days ?? 365),
      ];
      const by = authority === undefined ? ['-selfsign', '-keyfile', 'subject.key'] : signer(authority);
      const sign = ['ca', '-batch', '-notext', '-preserveDN', '-utf8', '-config', 'openssl.cnf', '-in', 'subject.csr'];
      openssl(...sign, '-out', 'subject.crt', ...dates, ...by);
      return { ...key, certificate: readFileSync(at('subject.crt'), 'latin1') };
    },
    revocationList(authority, days) {
      const dates = ['-crl_lastupdate', asn1Time(openedAt, -1), '-crl_nextupdate', asn1Time(openedAt, days)];
      openssl('ca', '-gencrl', '-config', 'openssl.cnf', '-out', 'list.crl', ...dates, ...signer(authority));
      return readFileSync(at('list.crl'), 'latin1');
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function asn1Time(from: number, days: number): string {
  const time = new Date(from + days * 86_400_000);
  return `${time.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
}
