import * as z from 'zod';
import { AgentAnswer, envelopeOf } from './envelope.ts';
import { CertificateFacts } from './facts/certificates.ts';
import { CpuFacts } from './facts/cpu.ts';
import { DiskFacts } from './facts/disks.ts';
import { FilesystemFacts } from './facts/filesystems.ts';
import { FirewallFacts } from './facts/firewall.ts';
import { MemoryFacts } from './facts/memory.ts';
import { NetworkFacts } from './facts/network.ts';
import { OsFacts } from './facts/os.ts';
import { PackageFacts, PackageList } from './facts/packages.ts';
import { PortsFacts } from './facts/ports.ts';
import { SystemdFacts, SystemdUnit, SystemdUnitList } from './facts/systemd.ts';
import { TimeFacts } from './facts/time.ts';
import type { FamilyName } from './family-names.ts';

/**
 * Every family of facts there is, with the schema of its data. A new family is one file in `facts/`, its name in
 * `family-names.ts` and one line here.
 */
export const FAMILIES = {
  systemd: SystemdFacts,
  certificates: CertificateFacts,
  time: TimeFacts,
  os: OsFacts,
  cpu: CpuFacts,
  memory: MemoryFacts,
  filesystems: FilesystemFacts,
  disks: DiskFacts,
  network: NetworkFacts,
  ports: PortsFacts,
  packages: PackageFacts,
  firewall: FirewallFacts,
} as const satisfies Readonly<Record<FamilyName, z.ZodType>>;

/** The type of a family's data. */
export type FactsOf<F extends FamilyName> = z.infer<(typeof FAMILIES)[F]>;

/** Body of `GET /v1/facts/{family}`. */
export function familyAnswerOf<F extends FamilyName>(family: F) {
  return AgentAnswer.extend({ family: z.literal(family), ...envelopeOf(FAMILIES[family]).shape });
}

/** Body of `GET /v1/facts`: the families asked for, each in its own envelope. A newer agent may send families unknown here. */
export const FactsAnswer = AgentAnswer.extend({
  families: z.object({
    systemd: envelopeOf(SystemdFacts).optional(),
    certificates: envelopeOf(CertificateFacts).optional(),
    time: envelopeOf(TimeFacts).optional(),
    os: envelopeOf(OsFacts).optional(),
    cpu: envelopeOf(CpuFacts).optional(),
    memory: envelopeOf(MemoryFacts).optional(),
    filesystems: envelopeOf(FilesystemFacts).optional(),
    disks: envelopeOf(DiskFacts).optional(),
    network: envelopeOf(NetworkFacts).optional(),
    ports: envelopeOf(PortsFacts).optional(),
    packages: envelopeOf(PackageFacts).optional(),
    firewall: envelopeOf(FirewallFacts).optional(),
  }),
});
export type FactsAnswer = z.infer<typeof FactsAnswer>;

/** Body of `GET /v1/systemd/units`. */
export const UnitListAnswer = AgentAnswer.extend(envelopeOf(SystemdUnitList).shape);
export type UnitListAnswer = z.infer<typeof UnitListAnswer>;

/** Body of `GET /v1/systemd/units/{unit}`. */
export const UnitAnswer = AgentAnswer.extend(envelopeOf(SystemdUnit).shape);
export type UnitAnswer = z.infer<typeof UnitAnswer>;

/** Body of `GET /v1/packages`. */
export const PackageListAnswer = AgentAnswer.extend(envelopeOf(PackageList).shape);
export type PackageListAnswer = z.infer<typeof PackageListAnswer>;
