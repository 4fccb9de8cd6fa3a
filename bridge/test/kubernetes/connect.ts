import { Pool } from 'undici';
import type { Kubernetes } from '../../src/upstreams/kubernetes.ts';
import { createKubernetes } from '../../src/upstreams/kubernetes-client.ts';

/** What is known of an API server by a test that starts one. */
interface Reachable {
  url: string;
  token?: string;
  /** PEM of its authority, for https. */
  ca?: string;
}

interface ConnectOptions {
  timeoutMs?: number;
  deniedKinds?: readonly string[];
  /** Gives another token in place of the server's own when credentials are asked for anew. */
  renewedToken?: string;
}

/** The bridge's own client of an API server. Ends with `close()`. */
export function kubernetesOf({ url, token, ca }: Reachable, options: ConnectOptions = {}): Kubernetes {
  const { timeoutMs = 10_000, renewedToken, ...others } = options;
  const pool = new Pool(url, { connections: 16, ...(ca === undefined ? {} : { connect: { ca } }) });
  let shown = token;
  const access = {
    address: async () => new URL(url),
    headers: async (): Promise<Record<string, string>> =>
      shown === undefined ? {} : { authorization: `Bearer ${shown}` },
    dispatcher: async () => pool,
    renew: () => {
      shown = renewedToken ?? shown;
    },
    close: () => pool.destroy(),
  };
  return createKubernetes({ access, timeoutMs, ...others });
}
