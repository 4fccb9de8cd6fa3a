import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPart } from '../../scripts/parts.ts';
import { type RunningServer, startExporter } from './exporter.ts';
import { freePort, poll, startProgram } from './program.ts';

/** Why suites on the real Prometheus cannot run here; null when they can. */
export function prometheusUnavailable(): string | null {
  return missingPart('prometheus')?.why ?? missingPart('node-exporter')?.why ?? null;
}

/** A job of Prometheus: its name and where it scrapes, `127.0.0.1:9100`. */
export interface ScrapeJob {
  job: string;
  targets: readonly string[];
}

export interface PrometheusServer extends RunningServer {
  /** Starts it again after `stop`, on the same port with the same data. */
  restart(): Promise<void>;
  /** The first value of an instant query; null for an empty answer. */
  value(expr: string): Promise<number | null>;
  /** Waits until the expression has a value that `accepts` takes. */
  waitFor(expr: string, accepts?: (value: number) => boolean): Promise<number>;
  /** Ends it for good and removes its data. */
  remove(): Promise<void>;
}

/** The real Prometheus on a free port of the loopback, with a configuration and data of its own; ready when this returns. */
export async function startPrometheus(options: {
  scrape?: readonly ScrapeJob[];
  /** A rules file's text. */
  rules?: string;
  /** Labels for all that it sends elsewhere. */
  externalLabels?: Readonly<Record<string, string>>;
  /** Where alerts go, as the section `alerting` of its configuration. */
  alerting?: Readonly<Record<string, unknown>>;
}): Promise<PrometheusServer> {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-prometheus-'));
  const config = {
    global: {
      scrape_interval: '1s',
      scrape_timeout: '1s',
      evaluation_interval: '1s',
      external_labels: options.externalLabels ?? {},
    },
    alerting: options.alerting ?? {},
    rule_files: options.rules === undefined ? [] : ['rules.yml'],
    scrape_configs: (options.scrape ?? []).map(({ job, targets }) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
  };
  // JSON is YAML.
  writeFileSync(join(directory, 'prometheus.yml'), JSON.stringify(config));
  if (options.rules !== undefined) writeFileSync(join(directory, 'rules.yml'), options.rules);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const url = `http://${address}`;
  const start = () =>
    startProgram(
      'prometheus',
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        // What fires before it has found its Alertmanager is sent again after this time only; by default after a minute.
        '--rules.alert.resend-delay=5s',
        '--log.level=warn',
      ],
      { readyUrl: `${url}/-/ready` },
    );
  let program = await start();

  async function value(expr: string): Promise<number | null> {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expr })}`);
    const body = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    const [first] = body.data.result;
    return first === undefined ? null : Number(first.value[1]);
  }

  return {
    url,
    address,
    value,
    waitFor: (expr, accepts = () => true) =>
      poll(`prometheus: ${expr}`, async () => {
        const found = await value(expr);
        return found !== null && accepts(found) ? found : null;
      }),
    stop: () => program.stop(),
    restart: async () => {
      program = await start();
    },
    remove: async () => {
      await program.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The real node_exporter of this machine on a free port of the loopback. */
export async function startNodeExporter(): Promise<RunningServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const program = await startProgram('prometheus-node-exporter', [`--web.listen-address=${address}`], {
    readyUrl: `${url}/metrics`,
  });
  return { url, address, stop: () => program.stop() };
}

/** How many series `telemcp_many` has. */
export const MANY_SERIES = 5000;

/**
 * Serves metrics that are hard to show: NaN and infinities, a classic histogram that grows with every scrape, and
 * `telemcp_many` with 5,000 series whose value is their number.
 */
export async function startTestMetrics(): Promise<RunningServer> {
  let scrapes = 0;
  const many = Array.from(
    { length: MANY_SERIES },
    (_, index) => `telemcp_many{group="g${index % 10}",i="${index}"} ${index}\n`,
  ).join('');
  return await startExporter(() => {
    scrapes += 1;
    return `# TYPE telemcp_odd gauge
telemcp_odd{kind="nan"} NaN
telemcp_odd{kind="inf"} +Inf
telemcp_odd{kind="minus_inf"} -Inf
telemcp_odd{kind="tiny"} 0.000123456789
telemcp_odd{kind="big"} 16781312000
# TYPE telemcp_latency_seconds histogram
telemcp_latency_seconds_bucket{le="0.1"} ${scrapes * 10}
telemcp_latency_seconds_bucket{le="1"} ${scrapes * 19}
telemcp_latency_seconds_bucket{le="+Inf"} ${scrapes * 20}
telemcp_latency_seconds_sum ${scrapes * 5}
telemcp_latency_seconds_count ${scrapes * 20}
# TYPE telemcp_scrapes_total counter
telemcp_scrapes_total ${scrapes}
# TYPE telemcp_many gauge
${many}`;
  });
}
