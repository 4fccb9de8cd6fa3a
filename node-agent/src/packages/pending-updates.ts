/** Updates that the host itself counted. */
export interface PendingCount {
  updates: number;
  securityUpdates: number | null;
}

/**
 * `/var/lib/update-notifier/updates-available`, which Ubuntu shows at login: `15 updates can be applied immediately.`, in older
 * releases `15 packages can be updated.`, and how many of them are for security. Null for anything else, as in another language.
 */
export function parseUpdatesAvailable(text: string): PendingCount | null {
  const lines = text.slice(0, 8192).split('\n');
  const numberIn = (pattern: RegExp) => {
    const found = lines.map((line) => pattern.exec(line.trim())?.[1]).find((digits) => digits !== undefined);
    return found === undefined ? null : Number(found);
  };
  const updates = numberIn(/^(\d{1,7}) (?:updates?|packages?) can be (?:applied|installed|updated)\b/);
  if (updates === null) return null;
  const security = numberIn(
    /^(\d{1,7}) (?:of these updates|updates?) (?:is|are) (?:a )?(?:standard )?security updates?\b/,
  );
  // The line is left out when there is none.
  return { updates, securityUpdates: security ?? 0 };
}
