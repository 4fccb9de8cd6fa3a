import type { Tool } from './tool.ts';
import { hostCertificates } from './tools/host-certificates.ts';
import { hostFacts } from './tools/host-facts.ts';
import { promqlQuery } from './tools/promql-query.ts';
import { systemdStatus } from './tools/systemd-status.ts';

/** Every tool there is, in the order clients list them. */
export const tools: readonly Tool[] = [systemdStatus, hostFacts, hostCertificates, promqlQuery];
