import { destination, type Logger, pino } from 'pino';

/** JSON lines on standard error: standard output belongs to MCP over stdio. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: { service: 'telemcp-bridge' }, redact: ['*.headers.authorization'] },
    destination({ dest: 2, sync: true }),
  );
}
