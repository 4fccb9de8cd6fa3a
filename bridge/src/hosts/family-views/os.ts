import { AgentAnswer, envelopeOf } from '@telemcp/shared/envelope';
import { OsFacts } from '@telemcp/shared/facts/os';
import { briefText, countOf, listNames } from '../../brief-text.ts';
import { showBytes } from '../../format-bytes.ts';
import { showAge, showMoment } from '../../format-time.ts';
import { defineFamilyView, propertyTable } from '../family-view.ts';
import type { Look } from '../fleet-looks.ts';
import { rollUpTable } from '../roll-up.ts';

/** The `os` family: a pending reboot and vulnerabilities first, then what the machine is. */
export const osView = defineFamilyView<OsFacts>({
  schema: AgentAnswer.extend(envelopeOf(OsFacts).shape),
  one: (look, all) => {
    const { data } = look;
    const { cpu, dmi, rebootRequired } = data;
    const open = vulnerable(data);
    const mitigated = cpu.vulnerabilities.filter((found) => !found.vulnerable);
    const packages = rebootRequired.packages.map((name) => briefText(name, 80));
    return {
      summary: [distributionOf(data), data.kernel.release, `up ${showAge(data.uptimeSeconds)}`, rebootWords(data)].join(
        ', ',
      ),
      tables: [
        propertyTable([
          ['rebootRequired', showReboot(data)],
          ['rebootPackages', listNames(packages, all ? 100 : 5)],
          ['vulnerable', open.map((found) => `${found.name} (${briefText(found.status, 80)})`).join('; ')],
          [
            'mitigated',
            mitigated.length === 0
              ? null
              : listNames(
                  mitigated.map((found) => found.name),
                  all ? 100 : 3,
                ),
          ],
          ['taints', data.taints.join(', ')],
          ['supportEnd', data.distribution.supportEnd],
          ['hostname', data.hostname === null || data.hostname === look.node ? null : data.hostname],
          ['kernel', `${data.kernel.release}${data.kernel.machine === null ? '' : ` ${data.kernel.machine}`}`],
          ['booted', `${showMoment(data.bootTime, look.answeredAt)} (${showAge(data.uptimeSeconds)} ago)`],
          ['security', security(data)],
          ['init', data.init],
          ['cgroup', data.cgroupVersion],
          ['virtualization', data.virtualization],
          ['imageBased', data.imageBased ? imageOf(data) : null],
          [
            'hardware',
            dmi === null
              ? null
              : words(dmi.vendor, dmi.product, dmi.biosVersion && `BIOS ${dmi.biosVersion}`, dmi.biosDate),
          ],
          [
            'cpu',
            words(
              cpu.model,
              cpu.sockets && countOf(cpu.sockets, 'socket'),
              cpu.cores && countOf(cpu.cores, 'core'),
              cpu.threads && countOf(cpu.threads, 'thread'),
              cpu.microcode && `microcode ${cpu.microcode}`,
            ),
          ],
          ['memory', data.memoryTotalBytes === null ? null : showBytes(data.memoryTotalBytes)],
          ...(all
            ? ([
                ['kernelVersion', data.kernel.version],
                ['bootId', data.bootId],
                ['machineId', data.machineId],
              ] as const)
            : []),
        ]),
      ],
    };
  },
  fleet: ({ looks }) => {
    const values = (read: (data: OsFacts) => string | number | boolean | null) =>
      looks.map(({ node, data }) => {
        const value = read(data);
        return { node, value: value === null || value === '' ? null : String(value) };
      });
    const pending = looks.filter(({ data }) => data.rebootRequired.required === true);
    const unsure = looks.filter(({ data }) => data.rebootRequired.required === null).length;
    const newest = looks.toSorted((a, b) => a.data.uptimeSeconds - b.data.uptimeSeconds)[0];
    return {
      summary: `${fleetReboots(looks.length, pending.length, unsure)}; ${kernels(looks)}`,
      tables: [
        rollUpTable([
          ['rebootRequired', values(showReboot)],
          ['kernel', values((data) => data.kernel.release)],
          ['distribution', values(distributionOf)],
          [
            'vulnerable',
            values(
              (data) =>
                vulnerable(data)
                  .map((found) => found.name)
                  .join(', ') || 'none',
            ),
          ],
          ['taints', values((data) => data.taints.join(', ') || 'none')],
          ['security', values(security)],
          ['machine', values((data) => data.kernel.machine)],
          ['cgroup', values((data) => data.cgroupVersion)],
          ['init', values((data) => data.init)],
          ['virtualization', values((data) => data.virtualization)],
          ['cpu', values((data) => words(data.cpu.model, data.cpu.threads && countOf(data.cpu.threads, 'thread')))],
          ['memory', values((data) => (data.memoryTotalBytes === null ? null : showBytes(data.memoryTotalBytes)))],
        ]),
      ],
      notes: newest === undefined ? [] : [`booted last: ${newest.node} ${showAge(newest.data.uptimeSeconds)} ago`],
    };
  },
});

function distributionOf({ distribution }: OsFacts): string {
  const name = distribution.prettyName ?? words(distribution.name ?? distribution.id, distribution.versionId);
  return name === null ? 'unknown distribution' : briefText(name, 100);
}

function imageOf({ distribution }: OsFacts): string {
  return words('yes', distribution.imageId, distribution.imageVersion, distribution.buildId) ?? 'yes';
}

function showReboot({ rebootRequired: { required, why } }: OsFacts): string | null {
  if (required === null) return null;
  return required ? `yes${why === null ? '' : `: ${briefText(why, 120)}`}` : 'no';
}

function rebootWords({ rebootRequired: { required } }: OsFacts): string {
  return required === null
    ? 'whether a reboot is pending is not known'
    : required
      ? 'reboot pending'
      : 'no reboot pending';
}

/** `reboot pending on 2, not known on 1`. Where no node knows, that none is pending would be made up. */
function fleetReboots(nodes: number, pending: number, unsure: number): string {
  if (unsure === nodes) return 'whether a reboot is pending is not known on any';
  const known = pending > 0 ? `reboot pending on ${pending}` : unsure === 0 ? 'no reboot pending' : '';
  const none = pending === 0 && unsure > 0 ? `no reboot pending on ${nodes - unsure}` : known;
  return unsure === 0 ? none : `${none}, not known on ${unsure}`;
}

function vulnerable({ cpu }: OsFacts) {
  return cpu.vulnerabilities.filter((found) => found.vulnerable);
}

function security({ selinux, apparmor, secureBoot, fips, lockdown }: OsFacts): string | null {
  const flag = (name: string, value: boolean | null) => (value === null ? null : `${name} ${value ? 'on' : 'off'}`);
  return words(
    selinux && `SELinux ${selinux}`,
    flag('AppArmor', apparmor),
    flag('secure boot', secureBoot),
    flag('FIPS', fips),
    lockdown && `lockdown ${lockdown}`,
  );
}

/** The parts that are known, with commas; null when none is. */
function words(...parts: readonly (string | number | null)[]): string | null {
  const known = parts.filter((part) => part !== null && part !== '' && part !== 0);
  return known.length === 0 ? null : briefText(known.join(', '), 240);
}

function kernels(looks: readonly Look<OsFacts>[]): string {
  const releases = new Set(looks.map(({ data }) => data.kernel.release));
  return releases.size === 1 ? 'one kernel on all' : countOf(releases.size, 'kernel');
}
