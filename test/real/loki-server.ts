import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PushedStream } from '../../bridge/test/loki/logs.ts';
import { freePort, poll, startProgram } from './program.ts';

/** A Loki in one process on loopback, with a folder of its own for what it keeps. */
export interface LokiServer {
  url: URL;
  /** Has it take lines, and waits until it gives them. */
  push(streams: readonly PushedStream[]): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** The program that `LOKI_BIN` names; null where it names none. @throws {Error} where there is no such file */
export function lokiBinary(): string | null {
  const path = process.env.LOKI_BIN ?? '';
  if (path === '') return null;
  if (!existsSync(path)) throw new Error(`LOKI_BIN=${path} is no file`);
  return path;
}

/** Lines of one request; its limit is 4 MB. */
const AT_ONCE = 5000;

/** Starts the real Loki (3.0 or later); ready when this returns. */
export async function startLoki(binary: string): Promise<LokiServer> {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-loki-'));
  const [port, grpc] = [await freePort(), await freePort()];
  const config = {
    auth_enabled: false,
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: port,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: grpc,
      log_level: 'warn',
    },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: directory,
      replication_factor: 1,
      storage: {
        filesystem: { chunks_directory: join(directory, 'chunks'), rules_directory: join(directory, 'rules') },
      },
      ring: { kvstore: { store: 'inmemory' } },
    },
    schema_config: {
      configs: [
        {
          from: '2024-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    limits_config: { volume_enabled: true, ingestion_rate_mb: 64, ingestion_burst_size_mb: 128 },
    analytics: { reporting_enabled: false },
  };
  const file = join(directory, 'loki.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const url = new URL(`http://127.0.0.1:${port}`);
  const program = await startProgram(binary, [`-config.file=${file}`], { readyUrl: new URL('/ready', url).href });

  async function send(labels: PushedStream['labels'], lines: PushedStream['lines']): Promise<void> {
    const values = lines.map(({ time, line }) => [String(time), line]);
    const response = await fetch(new URL('/loki/api/v1/push', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ streams: [{ stream: labels, values }] }),
    });
    if (!response.ok) throw new Error(`Loki took no lines: ${response.status} ${await response.text()}`);
  }

  async function count(): Promise<number> {
    const query = 'sum(count_over_time({service_name=~".+"}[12h]))';
    const response = await fetch(new URL(`/loki/api/v1/query?${new URLSearchParams({ query })}`, url));
    const body: { data: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
    return Number(body.data.result[0]?.value[1] ?? 0);
  }

  return {
    url,
    push: async (streams) => {
      for (const { labels, lines } of streams)
        for (let at = 0; at < lines.length; at += AT_ONCE) await send(labels, lines.slice(at, at + AT_ONCE));
      const pushed = streams.reduce((sum, { lines }) => sum + lines.length, 0);
      await poll('Loki to have all lines', async () => ((await count()) >= pushed ? true : null));
    },
    stop: async () => {
      await program.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
