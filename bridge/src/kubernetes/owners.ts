import { isTrueAt, type Json, listAt, textAt } from './json.ts';

/** The object that something belongs to, as `Deployment/ledger`. */
export interface Owner {
  kind: string;
  name: string;
}

/**
 * The workload of an object by its own metadata: the controller among its ownerReferences, and for a ReplicaSet that a
 * Deployment made, the Deployment (its name is the Deployment's and the pod-template-hash). Null for what nothing controls.
 */
export function ownerOf(object: Json | undefined): Owner | null {
  const owners = listAt(object, 'metadata', 'ownerReferences');
  const owner = owners.find((each) => isTrueAt(each, 'controller')) ?? owners[0];
  const kind = textAt(owner, 'kind');
  const name = textAt(owner, 'name');
  if (kind === undefined || name === undefined) return null;
  const hash = textAt(object, 'metadata', 'labels', 'pod-template-hash');
  const isOfDeployment = kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`);
  return isOfDeployment ? { kind: 'Deployment', name: name.slice(0, -hash.length - 1) } : { kind, name };
}

/**
 * The part of a pod's name that its siblings share, as a pattern: `ledger-7d9f8b6c5d-*`, `db-*`. The name itself where it
 * does not look generated. For grouping where the metadata is not at hand; a controller appends five letters of an alphabet
 * without vowels (k8s.io/apimachinery util/rand), a StatefulSet an ordinal.
 */
export function namePattern(name: string): string {
  return name.replace(GENERATED, '-*');
}

const GENERATED = /-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d{1,4})$/;
