import { once } from 'node:events';
import { createServer } from 'node:http';

/** A server that a test started and ends. */
export interface RunningServer {
  /** For example `http://127.0.0.1:41234`. */
  url: string;
  /** `host:port` of `url`. */
  address: string;
  stop(): Promise<void>;
}

/** Serves on a free port of the loopback what `metrics` gives at each scrape, in Prometheus's text format. */
export async function startExporter(metrics: () => string): Promise<RunningServer> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(metrics());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  if (listening === null || typeof listening === 'string') throw new Error('no port');
  const address = `127.0.0.1:${listening.port}`;
  return {
    url: `http://${address}`,
    address,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
