import * as z from 'zod';

/** Where a server listens: a TCP address or a unix socket. */
export type Listen = { host: string; port: number } | { path: string };

/** Reads `127.0.0.1:9110`, `[::1]:9110`, `:9110` (all interfaces) or `unix:/run/telemcp/agent.sock`. */
export const Listen = z.string().transform((value, context): Listen => {
  const unix = /^unix:(\/.+)$/.exec(value);
  if (unix?.[1] !== undefined) return { path: unix[1] };
  const tcp = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(value);
  const port = Number(tcp?.[3]);
  if (tcp === null || port > 65_535) {
    context.addIssue({ code: 'custom', message: 'must be host:port, [ipv6]:port or unix:/absolute/path' });
    return z.NEVER;
  }
  return { host: tcp[1] ?? (tcp[2] === '' || tcp[2] === undefined ? '0.0.0.0' : tcp[2]), port };
});

/** The same, checked but left as text: for settings, whose defaults are shown as they are typed. */
export const ListenText = z.string().superRefine((value, context) => {
  for (const issue of Listen.safeParse(value).error?.issues ?? [])
    context.addIssue({ code: 'custom', message: issue.message });
});

/** True when only this machine can reach the address. */
export function isLoopback(listen: Listen): boolean {
  return (
    'path' in listen ||
    listen.host === 'localhost' ||
    listen.host === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(listen.host)
  );
}

/** The address as a URL or `unix:` path, for messages. */
export function showListen(listen: Listen, scheme = 'http'): string {
  if ('path' in listen) return `unix:${listen.path}`;
  return `${scheme}://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
}
