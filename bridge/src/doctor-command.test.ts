import { describe, expect, it } from 'vitest';
import { reportUpstreams } from './doctor-command.ts';

const up = {
  name: 'prometheus',
  address: 'http://prometheus:9090',
  reachable: true,
  detail: 'answers queries',
  hint: null,
  cautions: [],
};
const down = {
  name: 'agent node-7',
  address: 'http://10.0.0.7:9110',
  reachable: false,
  detail: 'connection refused',
  hint: 'See that it runs.',
  cautions: [],
};

describe('reportUpstreams', () => {
  it('says what answers, what does not and how to mend it', () => {
    const { text, healthy } = reportUpstreams([up, down]);
    expect(text.split('\n--', 1)).toEqual([
      'ok   prometheus http://prometheus:9090: answers queries\nDOWN agent node-7 http://10.0.0.7:9110: connection refused\n     See that it runs.',
    ]);
    expect(healthy).toBe(false);
  });

  it('says what works and could be better', () => {
    const { text, healthy } = reportUpstreams([{ ...up, cautions: ['Its credentials can be read on the way.'] }]);
    expect(text).toContain(': answers queries\n     Its credentials can be read on the way.\n');
    expect(healthy).toBe(true);
  });

  it('says what is not configured and what it would give', () => {
    const { text, healthy } = reportUpstreams([up]);
    expect(healthy).toBe(true);
    expect(text).toContain(
      '--   agent: not configured; set TELEMCP_AGENT_URLS to have systemd.status, host.facts and host.certificates',
    );
  });

  it('is not healthy with nothing configured', () => {
    expect(reportUpstreams([]).healthy).toBe(false);
  });
});
