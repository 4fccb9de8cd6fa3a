import { at, type JsonObject, textAt } from '../../src/kubernetes/json.ts';
import type { ServedResource } from './served-resources.ts';

/** Whether an object is selected. */
export type Selects = (object: JsonObject) => boolean;

/** A selector that the server refuses, with its words. */
export class BadSelector extends Error {}

type Token = { kind: 'word' | 'operator' | 'end'; text: string };

/**
 * A label selector: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, with commas.
 * @throws {BadSelector} in the words of the recorded server
 */
export function labelSelector(text: string): Selects {
  const tokens = tokensOf(text);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { kind: 'end', text: '' };
  const take = (): Token => tokens[position++] ?? { kind: 'end', text: '' };
  const expectWord = (expected: string): string => {
    const token = take();
    if (token.kind !== 'word') throw new BadSelector(`found '${token.text}', expected: ${expected}`);
    return token.text;
  };
  const requirements: Selects[] = [];
  while (peek().kind !== 'end') {
    requirements.push(requirement());
    const token = take();
    if (token.kind === 'end') break;
    if (token.text !== ',') throw new BadSelector(`found '${token.text}', expected: ',' or 'end of string'`);
    if (peek().kind === 'end') throw new BadSelector("found '', expected: identifier after ','");
  }
  return (object) => requirements.every((selects) => selects(object));

  function requirement(): Selects {
    if (peek().text === '!') {
      take();
      const absent = expectWord('identifier');
      return (object) => labelOf(object, absent) === undefined;
    }
    const key = expectWord("!, identifier, or 'end of string'");
    const operator = peek();
    if (operator.kind === 'end' || operator.text === ',') return (object) => labelOf(object, key) !== undefined;
    take();
    if (operator.text === '=' || operator.text === '==') {
      const value = optionalWord();
      return (object) => labelOf(object, key) === value;
    }
    if (operator.text === '!=') {
      const value = optionalWord();
      return (object) => labelOf(object, key) !== value;
    }
    if (operator.text === 'in' || operator.text === 'notin') {
      const values = set();
      const wanted = operator.text === 'in';
      return (object) => {
        const label = labelOf(object, key);
        return label === undefined ? !wanted : values.has(label) === wanted;
      };
    }
    throw new BadSelector(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  function optionalWord(): string {
    return peek().kind === 'word' ? take().text : '';
  }

  function set(): Set<string> {
    const open = take();
    if (open.text !== '(') throw new BadSelector(`found '${open.text}', expected: '('`);
    const values = new Set<string>();
    while (true) {
      values.add(optionalWord());
      const token = take();
      if (token.text === ')') return values;
      if (token.text !== ',') throw new BadSelector(`found '${token.text}', expected: ',' or ')'`);
    }
  }
}

/**
 * A field selector over the fields that the server indexes for a kind: `spec.nodeName=node-0001,status.phase!=Running`.
 * @throws {BadSelector} for another field, in the words of the recorded server
 */
export function fieldSelector(text: string, resource: ServedResource): Selects {
  const known = FIELDS[`${resource.group}/${resource.kind}`] ?? {};
  const requirements = text.split(',').map((part): Selects => {
    const parsed = /^(.+?)(!=|==?)(.*)$/.exec(part);
    if (parsed === null) throw new BadSelector(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = parsed;
    const path = { ...EVERY_KIND, ...known }[field];
    if (path === undefined) throw new BadSelector(`field label not supported: ${field}`);
    const wanted = operator !== '!=';
    return (object) => (fieldText(object, path) === value) === wanted;
  });
  return (object) => requirements.every((selects) => selects(object));
}

function fieldText(object: JsonObject, path: readonly string[]): string {
  const found = at(object, ...path);
  return found === undefined || found === null ? '' : String(found);
}

function labelOf(object: JsonObject, key: string): string | undefined {
  return textAt(object, 'metadata', 'labels', key);
}

function tokensOf(text: string): Token[] {
  return [...text.matchAll(/[A-Za-z0-9_./-]+|!=|==|[=!(),<>]|\S/g)].map(([found]) => ({
    kind: /^[A-Za-z0-9]/.test(found) && found !== 'in' && found !== 'notin' ? 'word' : 'operator',
    text: found,
  }));
}

const EVERY_KIND: Readonly<Record<string, readonly string[]>> = {
  'metadata.name': ['metadata', 'name'],
  'metadata.namespace': ['metadata', 'namespace'],
};

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** The objects of events are kept in the core shape, whichever group they are asked for in. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '/Pod': {
    'spec.nodeName': ['spec', 'nodeName'],
    'spec.restartPolicy': ['spec', 'restartPolicy'],
    'spec.schedulerName': ['spec', 'schedulerName'],
    'spec.serviceAccountName': ['spec', 'serviceAccountName'],
    'spec.hostNetwork': ['spec', 'hostNetwork'],
    'status.phase': ['status', 'phase'],
    'status.podIP': ['status', 'podIP'],
    'status.nominatedNodeName': ['status', 'nominatedNodeName'],
  },
  '/Event': {
    ...Object.fromEntries(INVOLVED.map((field) => [`involvedObject.${field}`, ['involvedObject', field]])),
    reason: ['reason'],
    reportingComponent: ['reportingComponent'],
    source: ['source', 'component'],
    type: ['type'],
  },
  'events.k8s.io/Event': {
    ...Object.fromEntries(INVOLVED.map((field) => [`regarding.${field}`, ['involvedObject', field]])),
    reason: ['reason'],
    reportingController: ['reportingComponent'],
    type: ['type'],
  },
  '/Namespace': { 'status.phase': ['status', 'phase'] },
  '/Node': { 'spec.unschedulable': ['spec', 'unschedulable'] },
  '/Secret': { type: ['type'] },
  '/Service': { 'spec.clusterIP': ['spec', 'clusterIP'], 'spec.type': ['spec', 'type'] },
  '/ReplicationController': { 'status.replicas': ['status', 'replicas'] },
  'apps/ReplicaSet': { 'status.replicas': ['status', 'replicas'] },
  'batch/Job': { 'status.successful': ['status', 'succeeded'] },
  'certificates.k8s.io/CertificateSigningRequest': { 'spec.signerName': ['spec', 'signerName'] },
};
