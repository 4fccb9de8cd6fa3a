import { describe, expect, it } from 'vitest';
import { fakeFleets } from '../test/fake-fleet.ts';
import { createReadiness } from './readiness.ts';

const fleet = fakeFleets();

describe('readiness', () => {
  it('says of every agent its own version and address, also where two share a name', async () => {
    const { agents, fakes } = await fleet(
      { node: 'twin', agentVersion: '1.0.0' },
      { node: 'twin', agentVersion: '2.0.0' },
    );
    const states = await createReadiness({ prometheus: null, agents }).look();
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
    const readiness = createReadiness({ prometheus: null, agents });
    const first = await readiness.look();
    if (fakes[0] !== undefined) fakes[0].options.agentVersion = '9.9.9';
    expect(await readiness.look()).toBe(first);
  });
});
