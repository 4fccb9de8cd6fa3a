import { invalidArgument, ToolError } from '../errors.ts';
import { nearestNames } from '../nearest-names.ts';
import type { Kubernetes, ResourceType } from '../upstreams/kubernetes.ts';
import { textAt } from './json.ts';
import { namePattern } from './owners.ts';

/** Where an object that was asked for by name is. */
export interface Place {
  /** Undefined for what has no namespace. */
  namespace: string | undefined;
  name: string;
}

/** A name as a caller wrote it: `ledger`, `payments/ledger` or `deployment/ledger`, with the namespace given beside it. */
export function readName(written: string, namespace: string | undefined, type: ResourceType): Place {
  const parts = written.split('/');
  const [first = '', second = ''] = parts;
  if (parts.length === 1) return { namespace, name: written };
  if (parts.length === 2 && first !== '' && second !== '') {
    if (isKind(first, type)) return { namespace, name: second };
    if (type.namespaced && (namespace === undefined || namespace === first)) return { namespace: first, name: second };
  }
  throw invalidArgument('name', `"${written}" is not a name`, 'Give the name alone, and namespace beside it.');
}

function isKind(word: string, { kind, plural, singular, shortNames, group }: ResourceType): boolean {
  const name = word.toLowerCase();
  const names = [kind.toLowerCase(), plural, singular, ...shortNames];
  return names.includes(name) || names.some((each) => name === `${each}.${group}`);
}

/** The field selector for one name. */
export function nameSelector(name: string): string {
  return fieldTerm('metadata.name', name);
}

/** A term of a field selector; in a value `,`, `=` and `\\` are escaped (k8s.io/apimachinery fields.EscapeValue). */
export function fieldTerm(field: string, value: string): string {
  return `${field}=${value.replaceAll(/[\\,=]/g, '\\$&')}`;
}

/**
 * The namespaces that have an object of this name: none is assumed. `places` is more than one where several have it.
 * @throws {ToolError} `not_found` with the nearest names
 */
export async function findPlaces(
  { namespace, name }: Place,
  type: ResourceType,
  kubernetes: Kubernetes,
  signal: AbortSignal,
): Promise<readonly Place[]> {
  if (!type.namespaced || namespace !== undefined) return [{ namespace, name }];
  const { items } = await kubernetes.listMetadata(
    type,
    { fieldSelector: nameSelector(name) },
    (object): Place => ({ namespace: textAt(object, 'metadata', 'namespace'), name }),
    signal,
  );
  if (items.length === 0) throw await notFound({ namespace, name }, type, kubernetes, signal);
  return items;
}

/** The error for a name that nothing has: with the nearest names of the kind, in the namespace and elsewhere. */
export async function notFound(
  { namespace, name }: Place,
  type: ResourceType,
  kubernetes: Kubernetes,
  signal: AbortSignal,
): Promise<ToolError> {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const hint = await nearHint({ namespace, name }, type, kubernetes, signal);
  return new ToolError('not_found', `${type.singular} "${name}"${where} does not exist`, {
    upstream: kubernetes.name,
    hint,
  });
}

/** Names among which a near one is looked for. */
const NAMES_READ = 5000;

async function nearHint(
  { namespace, name }: Place,
  type: ResourceType,
  kubernetes: Kubernetes,
  signal: AbortSignal,
): Promise<string> {
  const list = `k8s.get with kind="${type.plural}" lists what there is.`;
  try {
    const { items } = await kubernetes.listMetadata(
      type,
      { first: NAMES_READ },
      (object) => ({
        namespace: textAt(object, 'metadata', 'namespace') ?? '',
        name: textAt(object, 'metadata', 'name') ?? '',
      }),
      signal,
    );
    const elsewhere = items.filter((item) => item.name === name).map((item) => item.namespace);
    if (elsewhere.length > 0) return `It is in namespace ${elsewhere.slice(0, 5).join(', ')}.`;
    const here = items.filter((item) => namespace === undefined || item.namespace === namespace);
    const near = nearest(name, here, 5);
    const isOnly = near.length > 0 || namespace === undefined;
    const far = isOnly ? [] : nearest(name, items, 3);
    const named = [...near, ...far].map((each) => placed(each, items));
    return named.length === 0 ? list : `Near to it: ${named.join(', ')}.`;
  } catch (error) {
    if (error instanceof ToolError) return list;
    throw error;
  }
}

/** By the whole name, or by what is left of it without what controllers append: a workload's name is often taken for a pod's. */
function nearest(name: string, items: readonly { name: string }[], most: number): string[] {
  const near = nearestNames(name, [...new Set(items.map((item) => item.name))], most);
  if (near.length > 0) return near;
  const examples = new Map<string, string>();
  for (const item of items) {
    const stem = namePattern(item.name)
      .replace(/-\*$/, '')
      .replace(/-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/, '');
    if (!examples.has(stem)) examples.set(stem, item.name);
  }
  return nearestNames(name, [...examples.keys()], most).flatMap((stem) => examples.get(stem) ?? []);
}

function placed(name: string, items: readonly { namespace: string; name: string }[]): string {
  const found = items.find((item) => item.name === name);
  return found === undefined || found.namespace === '' ? name : `${found.namespace}/${name}`;
}

/**
 * Makes sure that an empty list is one of a namespace that there is.
 * @throws {ToolError} `not_found` with the nearest namespaces
 */
export async function checkNamespace(namespace: string, kubernetes: Kubernetes, signal: AbortSignal): Promise<void> {
  const type = await kubernetes.resolve('v1/Namespace', signal);
  try {
    await kubernetes.get(type, { name: namespace }, signal);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (error.code === 'not_found')
      throw await notFound({ namespace: undefined, name: namespace }, type, kubernetes, signal);
    // Whoever may not look at namespaces is left with the empty list.
    if (error.code !== 'denied') throw error;
  }
}
