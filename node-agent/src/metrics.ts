import { FamilyStatus } from '@telemcp/shared/envelope';
import type { BusState } from './dbus/bus.ts';
import { factMetrics, type Metric, type Sample } from './fact-metrics.ts';
import type { FamilyState } from './fact-store.ts';
import type { Families } from './recent-facts.ts';

/** Metrics in base units: how the agent is, and those facts of the host that other exporters do not have. */
export interface AgentMetrics {
  /** Everything in the Prometheus text format, as of now. */
  render(facts: Families): Promise<{ contentType: string; text: string }>;
  /** `route` is a route's pattern, never a path as requested: the number of series stays bounded. */
  countRequest(route: string, code: number): void;
  countBusReconnect(): void;
  countBug(): void;
}

/** What is measured, asked for again at every scrape. */
export interface MetricSources {
  node: string;
  version: string;
  families(): FamilyState[];
  bus(): BusState;
}

interface Counts {
  requests: Map<string, { route: string; code: string; count: number }>;
  busReconnects: number;
  bugs: number;
}

export function createMetrics(sources: MetricSources): AgentMetrics {
  const counts: Counts = { requests: new Map(), busReconnects: 0, bugs: 0 };

  /** Made anew for every scrape, which costs less than keeping it: nothing then has to be reset or can be left over. */
  async function render(facts: Families) {
    // Loaded by the first scrape: an agent that nobody scrapes need not hold the library in memory.
    // Its names are not importable one by one from the bundle: it is CommonJS.
    const { Counter, Gauge, Registry } = (await import('prom-client')).default;
    const registry = new Registry();
    const registers = [registry];
    const add = ({ type, name, help, samples }: Metric) => {
      // prom-client would show a metric without samples as 0.
      if (samples.length === 0) return;
      const settings = { name, help, labelNames: Object.keys(samples[0]?.[1] ?? {}), registers };
      const metric = type === 'gauge' ? new Gauge(settings) : new Counter(settings);
      for (const [value, labels = {}] of samples) metric.inc(labels, value);
    };
    const gauge = (name: string, help: string, samples: readonly Sample[]) =>
      add({ type: 'gauge', name, help, samples });
    const counter = (name: string, help: string, samples: readonly Sample[]) =>
      add({ type: 'counter', name, help, samples });

    const { version, node } = sources;
    gauge('telemcp_agent_info', 'Always 1; the labels say who answers.', [[1, { version, node }]]);
    const states = sources.families().filter(({ status }) => status !== 'not_collected');
    gauge(
      'telemcp_agent_family_status',
      '1 for the status of the last collection of a family, 0 for the others; absent before the first one.',
      states.flatMap(({ family, status }) =>
        FamilyStatus.options.map((each): Sample => [each === status ? 1 : 0, { family, status: each }]),
      ),
    );
    gauge(
      'telemcp_agent_family_duration_seconds',
      'How long the last collection of a family took.',
      states.flatMap(({ family, durationMs }) => (durationMs === null ? [] : [[durationMs / 1000, { family }]])),
    );
    gauge(
      'telemcp_agent_family_collected_timestamp_seconds',
      'When the last collection of a family began, Unix time.',
      states.flatMap(({ family, collectedAt }) =>
        collectedAt === null ? [] : [[Date.parse(collectedAt) / 1000, { family }]],
      ),
    );
    counter(
      'telemcp_agent_http_requests_total',
      'Requests answered.',
      [...counts.requests.values()].map(({ route, code, count }) => [count, { route, code }]),
    );
    for (const metric of factMetrics(facts)) add(metric);
    const connected = sources.bus().status === 'connected' ? 1 : 0;
    gauge('telemcp_agent_bus_connected', "1 while there is a connection to the host's bus.", [[connected]]);
    counter('telemcp_agent_bus_reconnects_total', "Connections to the host's bus after the first one.", [
      [counts.busReconnects],
    ]);
    counter('telemcp_agent_bugs_total', 'Errors that are bugs of the agent; its log has each with an id.', [
      [counts.bugs],
    ]);
    // prom-client's own defaults come all or none, with observers of garbage collection and event loop that run all the time.
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    counter('process_cpu_seconds_total', 'User and system time of this process.', [[(user + system) / 1e6]]);
    gauge('process_resident_memory_bytes', 'Resident memory of this process.', [[rss]]);
    gauge('process_start_time_seconds', 'When this process began, Unix time.', [
      [Math.round(performance.timeOrigin) / 1000],
    ]);
    gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', [[heapUsed]]);
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  return {
    render,
    countRequest: (route, status) => {
      const code = String(status);
      const key = `${code} ${route}`;
      const entry = counts.requests.get(key) ?? { route, code, count: 0 };
      entry.count += 1;
      counts.requests.set(key, entry);
    },
    countBusReconnect: () => {
      counts.busReconnects += 1;
    },
    countBug: () => {
      counts.bugs += 1;
    },
  };
}
