import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPart } from '../../scripts/parts.ts';
import type { RunningServer } from './exporter.ts';
import { freePort, poll, startProgram } from './program.ts';

/** Why suites on the real Alertmanager cannot run here; null when they can. */
export function alertmanagerUnavailable(): string | null {
  return missingPart('alertmanager')?.why ?? missingPart('prometheus')?.why ?? null;
}

export interface AlertmanagerServer extends RunningServer {
  /** Silences what the matchers select for so many minutes. Returns the silence's id. */
  silence(
    matchers: readonly { name: string; value: string; isRegex?: boolean }[],
    of: { minutes: number; createdBy: string; comment: string },
  ): Promise<string>;
  /** Waits until its alerts, names with their states, are as `accepts` wants. */
  waitFor(accepts: (states: ReadonlyMap<string, string>) => boolean): Promise<void>;
  /** Ends it for good and removes its data. */
  remove(): Promise<void>;
}

/** The real Alertmanager on a free port of the loopback, alone and with nobody to notify; ready when this returns. */
export async function startAlertmanager(options: {
  /** As the section of this name of its configuration. */
  inhibitRules?: readonly Readonly<Record<string, unknown>>[];
}): Promise<AlertmanagerServer> {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-alertmanager-'));
  const config = {
    route: { receiver: 'nobody' },
    receivers: [{ name: 'nobody' }],
    inhibit_rules: options.inhibitRules ?? [],
  };
  // JSON is YAML.
  writeFileSync(join(directory, 'alertmanager.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const program = await startProgram(
    'prometheus-alertmanager',
    [
      `--config.file=${join(directory, 'alertmanager.yml')}`,
      `--storage.path=${join(directory, 'data')}`,
      `--web.listen-address=${address}`,
      // Alone: without this it would listen for peers on all addresses.
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    { readyUrl: `${url}/-/ready` },
  );

  return {
    url,
    address,
    silence: async (matchers, { minutes, createdBy, comment }) => {
      const response = await fetch(`${url}/api/v2/silences`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          matchers: matchers.map(({ isRegex = false, ...matcher }) => ({ ...matcher, isRegex, isEqual: true })),
          startsAt: new Date().toISOString(),
          endsAt: new Date(Date.now() + minutes * 60_000).toISOString(),
          createdBy,
          comment,
        }),
      });
      const body = (await response.json()) as { silenceID?: string };
      if (body.silenceID === undefined) throw new Error(`no silence: ${JSON.stringify(body)}`);
      return body.silenceID;
    },
    waitFor: async (accepts) => {
      await poll('alertmanager: alerts', async () => {
        const response = await fetch(`${url}/api/v2/alerts`);
        const alerts = (await response.json()) as { labels: { alertname: string }; status: { state: string } }[];
        return accepts(new Map(alerts.map(({ labels, status }) => [labels.alertname, status.state]))) ? true : null;
      });
    },
    stop: () => program.stop(),
    remove: async () => {
      await program.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
