import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAgent } from './agent.ts';
import { benchBridge } from './bridge.ts';
import { benchChart } from './chart.ts';
import { benchFresh } from './fresh.ts';
import { benchKubernetes } from './kubernetes.ts';
import { benchSoak } from './soak.ts';
import { benchTokens } from './tokens.ts';

const HELP = `npm run bench [-- --smoke] [-- --only agent|fresh|soak|bridge|kubernetes|chart|tokens]

Measures the agent beside node_exporter and the bridge beside plain requests to the same Prometheus, in one run on this
machine, from the production bundles. Compare ratios: absolute figures move with the machine. "fresh" and "soak" boot a
systemd of their own, so they need root; "soak" takes five minutes. "kubernetes" asks about clusters of 2,000 and 20,000
pods that the tests' own API server holds.

  --smoke   few requests, to see that it runs
  --only    one part`;

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const parts = {
  agent: benchAgent,
  fresh: benchFresh,
  soak: benchSoak,
  bridge: benchBridge,
  kubernetes: benchKubernetes,
  chart: benchChart,
  tokens: benchTokens,
};
const directory = mkdtempSync(join(tmpdir(), 'telemcp-bench-'));
try {
  for (const [name, part] of Object.entries(parts)) {
    if (values.only !== undefined && values.only !== name) continue;
    console.log(`\n## ${name}\n`);
    console.log(table(await part({ directory, scale: values.smoke ? 0.02 : 1 })));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Rows of equal keys as an aligned table. */
function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, columns.map(() => '-'), ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `| ${line.map((cell, index) => (cell === '-' ? '-'.repeat(widths[index] ?? 1) : cell.padEnd(widths[index] ?? 0))).join(' | ')} |`,
    )
    .join('\n');
}
