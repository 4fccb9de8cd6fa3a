import * as z from 'zod';
import { FamilyStatus, Reason } from './envelope.ts';
import { openEnum } from './open-enum.ts';

const count = z.number().int().nonnegative();
const text = z.string().nullable();
/** A figure that changes all the time, told coarsely; once reached, a level is left only clearly below its limit. Null: not known. */
const level = openEnum(null, z.enum(['ok', 'high', 'critical']).nullable());
/** How many there are, and the names of 20 at most, sorted. */
const named = z.object({ total: count, names: z.array(z.string()) });

/**
 * What wants attention on a host; the text says nothing that changes from one minute to the next. Of several things that the same
 * is the matter with, `subject` names three, and how many more there are.
 */
export const SummaryFinding = z.object({
  severity: openEnum('warning', z.enum(['critical', 'warning', 'note'])),
  kind: z.string(),
  subject: z.string(),
  /** `…` stands for a figure; the family itself has it. */
  text: z.string(),
});
export type SummaryFinding = z.infer<typeof SummaryFinding>;

/**
 * Body of `GET /v1/summary`: what of a host matters, in about 2 KB, the same bytes as long as nothing of it changes (RFC 9110
 * §8.8.3, strong validator). So there is no time in it: `x-telemcp-answered-at` of the answer is the host's clock, and
 * `x-telemcp-age-seconds` the age of the oldest facts in it. A family without data is null.
 */
export const HostSummary = z.object({
  node: z.string().min(1),
  agentVersion: z.string(),
  /** Every family of the agent; a newer one may send families unknown here. */
  families: z.record(z.string(), z.object({ status: FamilyStatus, reason: Reason.nullable() })),
  os: z
    .object({
      distribution: z.object({ id: text, versionId: text }),
      kernelRelease: z.string(),
      bootId: text,
      rebootRequired: z.boolean().nullable(),
    })
    .nullable(),
  systemd: z
    .object({
      systemState: z.string(),
      failed: named,
      /** Watched services that waited to be started again after a failure within 2 min: `few` are 1 to 5. */
      autoRestarting: z.enum(['none', 'few', 'many']),
    })
    .nullable(),
  certificates: z
    .object({
      total: count,
      /** Of those in use. */
      expired: count,
      /** The next of those in use to expire; null when none is left that will. */
      soonestNotAfter: z.iso.datetime().nullable(),
      errors: count,
    })
    .nullable(),
  time: z
    .object({
      implementation: z.string(),
      synchronized: z.boolean().nullable(),
      /** How far off the clock can be: high from 0.1 s on, critical from 0.5 s. */
      errorBound: level,
    })
    .nullable(),
  cpu: z
    .object({
      /** Busy share: high from 80 % on, critical from 95 %. */
      use: level,
      /** Share of 5 min in which somebody waited for a processor: high from 50 % on, critical from 80 %. */
      pressure: level,
    })
    .nullable(),
  memory: z
    .object({
      /** Used share: high from 95 % on, critical from 98 %. */
      use: level,
      /** Share of a minute in which nothing got done for want of memory: high from 5 % on, critical from 20 %. */
      pressure: level,
      oomKillsSinceBoot: count.nullable(),
    })
    .nullable(),
  /** File systems in trouble by mount point, 20 rows at most; one may have several troubles. `stuck`: does not answer. */
  filesystems: z
    .object({
      total: count,
      troubles: z.array(
        z.object({
          mountPoint: z.string(),
          trouble: z.enum([
            ...(['stuck', 'emergency_read_only', 'space_95_percent', 'space_85_percent'] as const),
            ...(['inodes_95_percent', 'inodes_85_percent'] as const),
          ]),
        }),
      ),
    })
    .nullable(),
  /** `failing`: disks and controllers that failed or answer no more. `degraded`: arrays that lost members. */
  disks: z.object({ failing: named, degraded: named }).nullable(),
  network: z
    .object({
      /** Network cards, bonds and teams that are set up and have no link. */
      linksDown: named,
      /** Whether connections were refused since boot because a program did not accept them in time. */
      listenOverflows: z.boolean().nullable(),
    })
    .nullable(),
  /** TCP ports that are open to more than this host. UDP ones are left out: those of clients come and go. */
  ports: z.object({ openTcp: count }).nullable(),
  packages: z
    .object({ installed: count.nullable(), broken: count.nullable(), pendingSecurity: count.nullable() })
    .nullable(),
  firewall: z.object({ enabled: z.boolean().nullable(), backend: z.string() }).nullable(),
  /** Worst first, 12 at most and 3 of one kind and severity, so that no kind hides the others; `total` counts all. */
  findings: z.object({ total: count, worst: z.array(SummaryFinding) }),
});
export type HostSummary = z.infer<typeof HostSummary>;
