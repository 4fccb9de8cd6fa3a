import { FamilyStatus } from '@telemcp/shared/envelope';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { ROUTES } from '@telemcp/shared/routes';
import { listOf } from '@telemcp/shared/settings';
import * as z from 'zod';

/** Every path the agent answers: those of the contract, and those for whoever runs it. */
export const PATHS = {
  ...ROUTES,
  readiness: '/readyz',
  metrics: '/metrics',
  openapi: '/openapi.json',
} as const;

export const FamilyParameter = z.enum(FAMILY_NAMES);

/** Query of `GET /v1/facts`: the families wanted, with commas between; all of them when left out. */
export const FactsQuery = z.strictObject({
  families: listOf(FamilyParameter).pipe(z.array(FamilyParameter).min(1, 'name at least one family')).optional(),
});

/**
 * Body of `GET /readyz`. The agent is ready when it can answer, also when all it can say is what it could not see: a node
 * whose host is ill must not lose the one who reports it. The rest is for people.
 */
export const Readiness = z.object({
  ready: z.literal(true),
  bus: z.enum(['off', 'idle', 'connecting', 'connected', 'waiting', 'closed']),
  /** Status of each family's last collection; `not_collected` when nobody has asked yet. */
  families: z.record(z.string(), z.enum([...FamilyStatus.options, 'not_collected'])),
});
export type Readiness = z.infer<typeof Readiness>;
