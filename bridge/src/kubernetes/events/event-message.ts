import { briefText } from '../../brief-text.ts';
import { templateOf } from '../../logs/line-template.ts';
import { safeText } from '../../safe-text.ts';
import type { ClusterEvent } from './event.ts';

const SHOWN = 140;
/** The API allows 1,024 characters in events.k8s.io/v1, and sets no limit in v1. */
const KEPT = 2048;
const MOST_KNOWN = 5000;

/** The kubelet names a pod as `name_namespace(uid)`; the name is enough, and the uid costs more than all the rest. */
const POD_UID = /_[a-z0-9-]{1,63}\([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\)/g;

/** A message as it is kept until it is shown: whole, or where it is too long redacted and cut. */
export function keptMessage(message: string): string {
  return message.length <= KEPT ? message : safeText(message).slice(0, KEPT);
}

/** What a row shows of a message about an object: redacted, on one line, without a name that the row has already. */
export function showMessage(message: string, objectName: string | null): string {
  const short = message.replace(POD_UID, '');
  return briefText(objectName === null ? short : short.replace(` in pod ${objectName}`, ''), SHOWN);
}

/**
 * Tells messages apart: the template is equal for those that differ by the object's name, numbers, addresses and the like only.
 * It is not redacted, hence for comparing only. Templates of earlier messages are remembered, since events repeat themselves.
 */
export function templateReader(): (message: string, about: Pick<ClusterEvent, 'namespace' | 'name'>) => string {
  const known = new Map<string, string>();
  return (message, { namespace, name }) => {
    const short = message.replace(POD_UID, '');
    const nameless =
      name === '' ? short : short.replaceAll(`${namespace}/${name}`, '<name>').replaceAll(name, '<name>');
    const template = known.get(nameless) ?? templateOf(nameless);
    if (known.size < MOST_KNOWN) known.set(nameless, template);
    return template;
  };
}
