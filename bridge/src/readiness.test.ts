import { describe, expect, it, onTestFinished } from 'vitest';
import { cannedServer } from '../test/canned-server.ts';
import { fakeFleets } from '../test/fake-fleet.ts';
import { createReadiness } from './readiness.ts';
import { createAlertmanager } from './upstreams/alertmanager-client.ts';
import { createLoki } from './upstreams/loki-client.ts';

const fleet = fakeFleets();

describe('readiness', () => {
  it('says of every agent its own version and address, also where two share a name', async () => {
    const { agents, fakes } = await fleet(
      { node: 'twin', agentVersion: '1.0.0' },
      { node: 'twin', agentVersion: '2.0.0' },
    );
    const states = await createReadiness({
      prometheus: null,
      loki: null,
      alertmanager: null,
      agents,
      kubernetes: null,
    }).look();
    expect(states.map(({ name, address, detail }) => ({ name, address, detail }))).toEqual(
      fakes
        .map(({ url, options }) => ({
          name: `agent twin@${url.host}`,
          address: url.origin,
          detail: `version ${options.agentVersion}`,
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  });

  it('gives a look that is younger than five seconds again', async () => {
    const { agents, fakes } = await fleet({});
    const readiness = createReadiness({ prometheus: null, loki: null, alertmanager: null, agents, kubernetes: null });
    const first = await readiness.look();
    if (fakes[0] !== undefined) fakes[0].options.agentVersion = '9.9.9';
    expect(await readiness.look()).toBe(first);
  });

  it('says of Loki and Alertmanager what is wrong and what could be better', async () => {
    const { url: lokiUrl } = await cannedServer({ status: 401, type: 'text/plain', body: 'no org id' });
    const status = { cluster: { status: 'ready', peers: [] }, versionInfo: { version: '0.28.1' } };
    const { url: alertmanagerUrl } = await cannedServer({ body: status });
    const [loki, alertmanager] = [createLoki({ url: lokiUrl }), createAlertmanager({ url: alertmanagerUrl })];
    onTestFinished(() => loki.close());
    onTestFinished(() => alertmanager.close());
    const upstreams = { prometheus: null, loki, alertmanager, agents: null, kubernetes: null };
    expect(await createReadiness(upstreams, { alertmanager: ['Better over TLS.'] }).look()).toEqual([
      {
        name: 'loki',
        address: loki.address,
        reachable: false,
        detail: `denied: ${loki.address}: HTTP 401: no org id`,
        hint: 'The operator sets TELEMCP_LOKI_TENANT.',
        cautions: [],
      },
      {
        name: 'alertmanager',
        address: alertmanager.address,
        reachable: true,
        detail: 'version 0.28.1',
        hint: null,
        cautions: ['Better over TLS.'],
      },
    ]);
  });
});
