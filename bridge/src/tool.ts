import type { z } from 'zod';
import type { Answer } from './answer.ts';
import { ToolError } from './errors.ts';
import type { Alertmanager } from './upstreams/alertmanager.ts';
import type { Kubernetes } from './upstreams/kubernetes.ts';
import type { Loki } from './upstreams/loki.ts';
import type { NodeAgents } from './upstreams/node-agents.ts';
import type { Prometheus } from './upstreams/prometheus.ts';

/** The upstreams this bridge is configured for; null where it is not. */
export interface Upstreams {
  prometheus: Prometheus | null;
  loki: Loki | null;
  alertmanager: Alertmanager | null;
  agents: NodeAgents | null;
  kubernetes: Kubernetes | null;
}

/** What a tool may use besides its arguments. */
export interface ToolContext {
  upstreams: Upstreams;
  /** Aborts at the call's deadline or when the client gives up; every upstream request gets it. */
  signal: AbortSignal;
  /** The moment of the call. */
  now: Date;
}

/** One capability: one file, with a test beside it and one line in `tools.ts`. */
export interface Tool<I extends z.ZodObject = z.ZodObject> {
  /** The canonical, dotted name, for example `promql.query`. */
  name: string;
  title: string;
  /** For the model: what it answers and when to use it. Every word is paid for in every conversation. */
  description: string;
  /** A strict object. `cursor` is added to it when the tool is `paged`. */
  input: I;
  /** True when the first table of its answers can be continued with a cursor. */
  paged: boolean;
  run(args: z.infer<I>, context: ToolContext): Promise<Answer>;
}

/** Types a tool by its input schema. */
export function defineTool<I extends z.ZodObject>(tool: Tool<I>): Tool<I> {
  return tool;
}

/** The upstream, or the error that tells the operator which setting brings it. */
export function configured<T>(upstream: T | null, name: string, variable: string): T {
  if (upstream !== null) return upstream;
  throw new ToolError('not_configured', `this bridge has no ${name}`, {
    upstream: name,
    hint: `The operator sets ${variable}.`,
  });
}
