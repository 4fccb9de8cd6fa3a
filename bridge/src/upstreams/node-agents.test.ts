import { familyAnswerOf, UnitAnswer } from '@telemcp/shared/families';
import { describe, expect, it } from 'vitest';
import { agentsOf } from '../../test/ask-tool.ts';
import { golden } from '../../test/fake-agent.ts';
import { fakeFleets } from '../../test/fake-fleet.ts';

const fleet = fakeFleets();

const { signal } = new AbortController();
const question = (node?: string) => ({ path: '/v1/systemd/units/k3s.service', schema: UnitAnswer, node });

describe('a fleet of node agents', () => {
  it('answers sorted by node, and knows the names from then on', async () => {
    const { agents } = await fleet({ node: 'b' }, { node: 'c' }, { node: 'a' });
    expect(agents.list().map(({ node, lastSeen }) => ({ node, lastSeen }))).toEqual(
      Array.from({ length: 3 }, () => ({ node: null, lastSeen: null })),
    );
    const { answers, coverage } = await agents.ask(question(), signal);
    expect(answers.map(({ node }) => node)).toEqual(['a', 'b', 'c']);
    expect(coverage).toEqual({ asked: 3, answered: 3, missing: [] });
    expect(agents.list().map(({ node }) => node)).toEqual(['b', 'c', 'a']);
    expect(agents.list().every(({ lastSeen }) => lastSeen !== null)).toBe(true);
  });

  it('asks only the agent of the node once it is known', async () => {
    const { agents, fakes } = await fleet({ node: 'a' }, { node: 'b' });
    const first = await agents.ask(question('a'), signal);
    expect(first).toMatchObject({ answers: [{ node: 'a' }], coverage: { asked: 1, answered: 1, missing: [] } });
    await agents.ask(question('a'), signal);
    expect(fakes.map((fake) => fake.requests.length)).toEqual([2, 1]);
  });

  it('says of a node nobody knows which there are, and who was silent', async () => {
    const { agents } = await fleet({ node: 'a' }, { node: 'b', fault: 'error' });
    await expect(agents.ask(question('z'), signal)).rejects.toMatchObject({
      code: 'not_found',
      message: 'node: no agent says it is "z"',
      hint: expect.stringMatching(/^Known nodes: a; no answer from 1 agent: http:\/\/127\.0\.0\.1:\d+ internal error/),
    });
  });

  it('takes the answer of a newer agent, whose words it does not all know', async () => {
    const { agents } = await fleet({ fault: 'newer' });
    const { answers, coverage } = await agents.ask({ path: '/v1/facts/os', schema: familyAnswerOf('os') }, signal);
    expect(coverage).toMatchObject({ asked: 1, answered: 1 });
    expect(answers[0]?.data).toMatchObject({ init: 'other', selinux: null, kernel: golden.os.data?.kernel });
  });

  it('tells a known node that has fallen silent from an unknown one', async () => {
    const { agents, fakes } = await fleet({ node: 'a' }, { node: 'b' });
    await agents.ask(question(), signal);
    if (fakes[1] !== undefined) fakes[1].options.fault = 'slow';
    const { answers, coverage } = await agents.ask(question('b'), signal);
    expect(answers).toEqual([]);
    expect(coverage).toEqual({
      asked: 1,
      answered: 0,
      missing: [{ node: 'b', reason: 'no answer within 1 s', lastSeen: expect.any(Date) }],
    });
  });

  it('does not answer with nothing when an agent has come back under another name', async () => {
    const { agents, fakes } = await fleet({ node: 'old' });
    await agents.ask(question(), signal);
    if (fakes[0] !== undefined) fakes[0].options.node = 'new';
    await expect(agents.ask(question('old'), signal)).rejects.toMatchObject({
      code: 'not_found',
      hint: 'Known nodes: new.',
    });
    await expect(agents.ask(question('new'), signal)).resolves.toMatchObject({ answers: [{ node: 'new' }] });
  });

  it('takes one agent that refuses the question for a gap, all of them for a wrong question', async () => {
    const { agents, fakes } = await fleet({ node: 'a' }, { node: 'b', fault: 'refuse' });
    const { answers, coverage } = await agents.ask(question(), signal);
    expect(answers).toHaveLength(1);
    expect(coverage.missing).toMatchObject([{ reason: expect.stringContaining('limit: too large') }]);
    if (fakes[0] !== undefined) fakes[0].options.fault = 'refuse';
    await expect(agents.ask(question(), signal)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('does not blame the caller for an agent that refuses the bridge', async () => {
    const { agents } = await fleet({ node: 'a', fault: 'forbid' });
    const { coverage } = await agents.ask(question(), signal);
    expect(coverage.missing).toMatchObject([{ reason: 'not a host of mine' }]);
  });

  it('ends with the call: who has not answered by then is missing', async () => {
    const { agents } = await fleet({ node: 'a', fault: 'slow' }, { node: 'b', fault: 'slow' });
    const call = new AbortController();
    const asked = agents.ask(question(), call.signal);
    call.abort();
    const { coverage } = await asked;
    expect(coverage.missing.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 2 }, () => 'the call ended before it answered'),
    );
  });

  it('tells agents apart that give the same node name, and says so', async () => {
    const { agents, fakes } = await fleet({ node: 'twin' }, { node: 'a' }, { node: 'twin' });
    const [first, , last] = fakes.map((fake) => `twin@${fake.url.host}`);
    const { answers, notes } = await agents.ask(question(), signal);
    expect(answers.map(({ node }) => node)).toEqual(['a', ...[first, last].sort()]);
    expect(notes).toEqual([
      `several agents say they are node twin: ${first}, ${last}; the operator sets TELEMCP_NODE_NAME on them`,
    ]);
    expect(agents.list().map(({ node }) => node)).toEqual([first, 'a', last]);
    const one = await agents.ask(question(last), signal);
    expect(one.answers.map(({ node }) => node)).toEqual([last]);
    expect(one.coverage.asked).toBe(1);
    const both = await agents.ask(question('twin'), signal);
    expect(both.answers).toHaveLength(2);
    if (fakes[0] !== undefined) fakes[0].options.fault = 'error';
    const { coverage } = await agents.ask(question('twin'), signal);
    expect(coverage.missing).toMatchObject([{ node: first }]);
    expect((await agents.ask(question('a'), signal)).notes).toEqual([]);
  });

  it('asks an agent once that is configured twice', async () => {
    const { fakes } = await fleet({ node: 'a' });
    const agents = agentsOf([...fakes, ...fakes]);
    expect((await agents.ask(question(), signal)).coverage.asked).toBe(1);
    expect(fakes[0]?.requests).toHaveLength(1);
    await agents.close();
  });

  it('has nobody to ask when there are no agents', async () => {
    const { agents } = await fleet();
    await expect(agents.ask(question(), signal)).resolves.toEqual({
      answers: [],
      coverage: { asked: 0, answered: 0, missing: [] },
      notes: [],
    });
    await expect(agents.ask(question('a'), signal)).rejects.toMatchObject({ hint: 'Known nodes: none yet.' });
  });
});
