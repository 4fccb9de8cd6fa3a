import * as z from 'zod';
import { AgentAnswer } from './envelope.ts';

/** Paths of the node agent's HTTP interface. */
export const ROUTES = {
  summary: '/v1/summary',
  facts: '/v1/facts',
  family: '/v1/facts/:family',
  units: '/v1/systemd/units',
  unit: '/v1/systemd/units/:unit',
  packages: '/v1/packages',
  health: '/healthz',
} as const;

/** Query of `GET /v1/systemd/units`. `pattern` is a shell pattern over unit names, as systemctl(1) takes it. */
export const UnitsQuery = z.strictObject({
  /** An active state, load state or sub state, for example `failed`, `masked` or `running`. */
  state: z
    .string()
    .regex(/^[a-z-]{1,40}$/, 'a unit state such as failed, active or masked')
    .optional(),
  type: z
    .enum(['service', 'socket', 'timer', 'target', 'mount', 'automount', 'swap', 'path', 'slice', 'scope', 'device'])
    .optional(),
  pattern: z
    .string()
    .regex(/^[A-Za-z0-9:_.\\@*?[\]!^-]{1,255}$/, 'a unit name or shell pattern such as nginx.service or *.timer')
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type UnitsQuery = z.infer<typeof UnitsQuery>;

/** A unit name as systemd.unit(5) defines it: 255 characters at most, a known type as suffix or none at all. */
export const UnitName = z
  .string()
  .regex(/^[A-Za-z0-9:_.\\@-]{1,255}$/, 'a unit name such as nginx.service (letters, digits, ":_.\\@-")');

/** Query of `GET /v1/packages`. `name` is a shell pattern over the names of installed packages, letter case aside. */
export const PackagesQuery = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9+._@~*?[\]!^-]{1,255}$/, 'a package name or shell pattern such as openssl or linux-image-*')
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type PackagesQuery = z.infer<typeof PackagesQuery>;

/** Body of `GET /healthz`: the process runs, and which node it speaks for. */
export const HealthAnswer = AgentAnswer.extend({ status: z.literal('ok') });

/** Body of every answer that is not 200: which argument was wrong and what would be right. */
export const ErrorAnswer = z.object({
  error: z.object({ code: z.string(), message: z.string(), argument: z.string().nullable() }),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;

/** `nginx` as `nginx.service`: a name without a known type means a service, as in systemctl(1). */
export function withUnitType(name: string): string {
  return /\.(service|socket|timer|target|mount|automount|swap|path|slice|scope|device)$/.test(name)
    ? name
    : `${name}.service`;
}
