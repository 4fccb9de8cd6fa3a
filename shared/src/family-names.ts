/**
 * The names of the families in their fixed order, apart from their schemas: whoever needs the names only does not hold a thousand
 * parts of schemas in memory.
 */
export const FAMILY_NAMES = [
  'systemd',
  'certificates',
  'time',
  'os',
  'cpu',
  'memory',
  'filesystems',
  'disks',
  'network',
  'ports',
  'packages',
  'firewall',
] as const;

export type FamilyName = (typeof FAMILY_NAMES)[number];
