import type { HostReader } from './host-reader.ts';

/** The host's `/run`, where running services leave their marks. */
export interface RunDirectory {
  has(name: string): boolean;
  /** Not so for a directory: container runtimes make one where a file to be mounted does not exist. */
  hasFile(name: string): boolean;
  /** Whether it is the host's whole directory, so that what is not in it is not there. A pod may see some mounts only. */
  isWhole: boolean;
}

export async function readRunDirectory(files: HostReader): Promise<RunDirectory> {
  const entries = new Map((await files.entries('/run'))?.map((entry) => [entry.name, entry]));
  return {
    has: (name) => entries.has(name),
    hasFile: (name) => entries.get(name)?.isFile() === true,
    // Every distribution's boot makes one of these, and nobody has a reason to mount one alone.
    isWhole: ['lock', 'udev', 'utmp', 'openrc', 'initramfs'].some((name) => entries.has(name)),
  };
}
