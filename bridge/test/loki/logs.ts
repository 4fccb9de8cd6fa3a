import { levelOfText } from '../../src/logs/log-level.ts';
import { parseRecord } from '../../src/logs/log-record.ts';

type Labels = Readonly<Record<string, string>>;

/** A line as it is pushed. */
export interface PushedLine {
  /** Nanoseconds since the epoch. */
  time: bigint;
  line: string;
}

export interface PushedStream {
  labels: Labels;
  lines: readonly PushedLine[];
}

/** A line as Loki keeps it. */
export interface KeptLine extends PushedLine {
  /** Of the stream, with the name of the service that Loki adds. */
  labels: Labels;
  metadata: Labels;
}

/** In this order Loki looks for the name of a service (`discover_service_name`), as far as the seeds go. */
const SERVICE = ['service', 'app', 'application', 'container', 'component', 'workload', 'job'];

/** What Loki makes of a pushed stream: it adds `service_name` to its labels and `detected_level` to each line. */
export function keepStream({ labels, lines }: PushedStream): KeptLine[] {
  const name = SERVICE.map((label) => labels[label]).find((value) => value !== undefined) ?? 'unknown_service';
  const kept = { ...labels, service_name: name };
  return lines.map(({ time, line }) => ({ time, line, labels: kept, metadata: { detected_level: levelOf(line) } }));
}

function levelOf(line: string): string {
  return parseRecord(line)?.level ?? levelOfText(line) ?? 'unknown';
}
