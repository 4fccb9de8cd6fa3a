import type { NetworkBond } from '@telemcp/shared/facts/network';
import { plainText } from '../plain-text.ts';

/** `/proc/<pid>/net/bonding/<name>` (kernel documentation, bonding): the bond's own lines, then a paragraph for each member. */
export function parseBonding(text: string): NetworkBond {
  const bond: NetworkBond = { mode: null, status: null, activeMember: null, members: [] };
  let member: NetworkBond['members'][number] | null = null;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const key = line.slice(0, colon).trim();
    const value = plainText(line.slice(colon + 1)) || null;
    if (key === 'Slave Interface' && value !== null) {
      member = { name: value, status: null, linkFailures: null };
      bond.members.push(member);
    } else if (key === 'MII Status') {
      if (member === null) bond.status = value;
      else member.status = value;
    } else if (key === 'Link Failure Count' && member !== null) {
      const failures = Number(value ?? Number.NaN);
      member.linkFailures = Number.isSafeInteger(failures) && failures >= 0 ? failures : null;
    } else if (key === 'Bonding Mode') bond.mode = value;
    else if (key === 'Currently Active Slave') bond.activeMember = value === 'None' ? null : value;
  }
  return bond;
}
