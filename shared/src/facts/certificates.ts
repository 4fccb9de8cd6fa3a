import * as z from 'zod';
import { Reason } from '../envelope.ts';

/** One X.509 certificate found on the host (RFC 5280). Private keys are never read into an answer. */
export const Certificate = z.object({
  /** Path on the host, before any symlink is followed. */
  path: z.string(),
  /** Position in a file that holds several, from 0. */
  index: z.number().int().nonnegative(),
  sourceKind: z.enum(['file', 'kubeconfig', 'pkcs12', 'json']),
  /** Where in a kubeconfig or other container it sits, for example `users[default].client-certificate-data`; else null. */
  embeddedAt: z.string().nullable(),
  subject: z.string(),
  commonName: z.string().nullable(),
  organizations: z.array(z.string()),
  issuer: z.string(),
  /** Hexadecimal, upper case, no separators. */
  serialNumber: z.string(),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  /** Seconds until `notAfter` when collected; negative when expired. */
  expiresInSeconds: z.number(),
  expired: z.boolean(),
  notYetValid: z.boolean(),
  isCa: z.boolean(),
  selfSigned: z.boolean(),
  /** `rsa`, `ec`, `ed25519`, `rsa-pss` … */
  keyAlgorithm: z.string(),
  keyBits: z.number().int().positive().nullable(),
  /** Named curve of an EC key, for example `prime256v1`. */
  curve: z.string().nullable(),
  dnsNames: z.array(z.string()),
  ipAddresses: z.array(z.string()),
  fingerprintSha256: z.string(),
  /** What the file is for, by its path: `kubelet-client`, `kubelet-server`, `apiserver`, `etcd-peer`, `ca`, `web` …; else null. */
  role: z.string().nullable(),
  /** False when a newer certificate for the same subject and role lies beside it. */
  inUse: z.boolean(),
  /** How this one is renewed, for example `restart k3s: it renews certificates within 120 days of expiry at start`. */
  renewalHint: z.string().nullable(),
});
export type Certificate = z.infer<typeof Certificate>;

/** A file, or a part of one, that looked like it holds certificates and could not be read as such. */
export const CertificateError = z.object({
  path: z.string(),
  embeddedAt: z.string().nullable(),
  reason: Reason,
  detail: z.string().nullable(),
});
export type CertificateError = z.infer<typeof CertificateError>;

/** One X.509 certificate revocation list (RFC 5280 §5). */
export const RevocationList = z.object({
  path: z.string(),
  issuer: z.string(),
  thisUpdate: z.iso.datetime(),
  nextUpdate: z.iso.datetime().nullable(),
  stale: z.boolean(),
});
export type RevocationList = z.infer<typeof RevocationList>;

/** The `certificates` family: soonest expiry first. */
export const CertificateFacts = z.object({
  certificates: z.array(Certificate),
  errors: z.array(CertificateError),
  revocationLists: z.array(RevocationList),
  /** Configured places that were looked at, and those of them that do not exist on this host (which is normal). */
  searched: z.array(z.string()),
  absent: z.array(z.string()),
  filesRead: z.number().int().nonnegative(),
});
export type CertificateFacts = z.infer<typeof CertificateFacts>;
