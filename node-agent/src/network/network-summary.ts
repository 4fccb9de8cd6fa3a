import type { NetworkFacts } from '@telemcp/shared/facts/network';

/** The family in one line, for a terminal. */
export function networkSummary(facts: NetworkFacts): string {
  const own = facts.interfaces.filter((nic) => nic.kind !== 'loopback');
  const up = own.filter((nic) => nic.operState === 'up' || (nic.operState === 'unknown' && nic.carrier === true));
  const isKnown = own.every((nic) => nic.operState !== null);
  const hidden = Object.values(facts.hidden).reduce((sum, count) => sum + count, 0);
  const [route] = facts.defaultRoutes ?? [];
  const rates = facts.interfaces.find((nic) => nic.name === route?.interface)?.rates ?? null;
  const parts = [
    isKnown ? `${up.length} of ${own.length} interfaces up` : `${own.length} interfaces`,
    hidden === 0 ? null : `${hidden} of pods`,
    route === undefined ? null : `default by ${route.gateway ?? 'link'} on ${route.interface}`,
    rates === null ? null : `${megabits(rates.rxBitsPerSecond)} in, ${megabits(rates.txBitsPerSecond)} out`,
    facts.tcp?.established == null ? null : `${facts.tcp.established} TCP connections`,
    facts.conntrack?.usedRatio == null ? null : `conntrack ${Math.round(facts.conntrack.usedRatio * 100)}% full`,
  ];
  return parts.filter(Boolean).join(', ');
}

function megabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
}
