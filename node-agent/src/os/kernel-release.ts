/** A kernel release such as `6.1.0-28-cloud-amd64`, taken apart. Only kernels of the same flavour replace one another. */
interface KernelRelease {
  flavour: string;
  version: number[];
}

/**
 * Splits at `-`: what starts with a digit is version, what starts with a letter is flavour (`cloud-amd64`, `generic`),
 * except for a letter-digit pair before a number (`arch1-1`). In the RPM form the architecture and the letters of the
 * distribution (`el`, `fc`, `amzn`) are flavour, its number is not.
 */
function parseKernelRelease(release: string): KernelRelease {
  const [first = '', ...segments] = release.split('-');
  const version = numbers(first);
  const flavour = [first.replace(/[^a-z]+/gi, '')];
  segments.forEach((segment, index) => {
    if (flavour.length === 1 && /^\d+$/.test(segment)) version.push(Number(segment));
    else if (flavour.length === 1 && /^\d/.test(segment)) {
      const parts = segment.split('.');
      const plain = parts.filter((part) => /^\d+$/.test(part));
      const worded = parts.filter((part) => !/^\d+$/.test(part));
      version.push(...plain.map(Number));
      flavour[0] += worded.map((part, at) => (at === worded.length - 1 ? part : part.replace(/[\d_]+/g, ''))).join('.');
    } else if (flavour.length === 1 && /^[a-z]+\d+$/.test(segment) && /^\d+$/.test(segments[index + 1] ?? ''))
      version.push(...numbers(segment));
    else flavour.push(segment);
  });
  return { flavour: flavour.join('-'), version };
}

/** The newest of `installed` that is newer than `running` and of its flavour; null when there is none. */
export function newerKernel(running: string, installed: readonly string[]): string | null {
  const current = parseKernelRelease(running);
  let newest = current.version;
  let found: string | null = null;
  for (const candidate of installed) {
    const { flavour, version } = parseKernelRelease(candidate);
    if (flavour !== current.flavour || compareVersions(version, newest) <= 0) continue;
    newest = version;
    found = candidate;
  }
  return found;
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (number !== other) return number - other;
  }
  return a.length - b.length;
}

function numbers(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
