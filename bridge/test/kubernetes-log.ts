import type { LogContainer } from '../src/kubernetes/logs/log-containers.ts';
import type { LogWork } from '../src/kubernetes/logs/pod-logs.ts';
import { createLineFilter } from '../src/logs/line-filter.ts';
import type { Kubernetes } from '../src/upstreams/kubernetes.ts';

/** An API server that answers nothing but logs. */
export function kubernetesWithLog(log: Kubernetes['log']): Kubernetes {
  const refuse = () => Promise.reject(new Error('nothing but logs is asked for here'));
  return {
    name: 'kubernetes',
    address: 'nowhere',
    resolve: refuse,
    types: refuse,
    get: refuse,
    list: refuse,
    listMetadata: refuse,
    table: refuse,
    log,
    version: refuse,
    close: async () => {},
  };
}

/** A running container. */
export function logContainer(options: Partial<LogContainer> = {}): LogContainer {
  return {
    namespace: 'shop',
    pod: 'cart',
    name: 'app',
    type: 'app',
    restarts: 0,
    waiting: null,
    between: null,
    ranBefore: false,
    ...options,
  };
}

/** Work without limits that a test does not ask for. */
export function logWork(options: Partial<LogWork> = {}): LogWork {
  return {
    filter: createLineFilter({}),
    newest: 100,
    folder: null,
    labelOf: ({ name }) => name,
    maxBytes: 1e12,
    budget: { bytes: 1e12 },
    patience: new AbortController().signal,
    signal: new AbortController().signal,
    ...options,
  };
}
