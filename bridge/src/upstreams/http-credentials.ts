import type { SecretFile } from './secret-file.ts';

/** Who we are towards one upstream, as headers of each request. */
export interface HttpCredentials {
  /** Of the files as they are, or were two seconds ago. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Looks at the files at once. */
  refresh(): Promise<void>;
  /** Another number whenever the headers are others: what was refused under one may be taken under the next. */
  revision(): number;
  /** Why files cannot be used that could be before; the secrets of before are used then. Null when they can. */
  problem(): string | null;
  /** The text without our secrets, should the upstream quote them. */
  conceal(text: string): string;
  /** Whether a secret is sent. */
  readonly hasSecret: boolean;
  /** The tenant that is asked for; null for none. */
  readonly tenant: string | null;
}

export interface HttpCredentialsOptions {
  /** The tenant of Mimir, Loki and the like, sent as X-Scope-OrgID; null for none. */
  tenant: string | null;
  /** A token, sent by RFC 6750 §2.1; null for none. */
  bearer: SecretFile | null;
  /** Name and password, sent by RFC 7617; null for none. */
  basic: { username: string; password: SecretFile } | null;
  /** Told of each new problem with a file, once. */
  onProblem(problem: string): void;
}

const LOOK_AFTER_MS = 2000;

/** Credentials from files, looked at again while the bridge runs. */
export function createHttpCredentials(options: HttpCredentialsOptions): HttpCredentials {
  const { bearer, basic, tenant } = options;
  const file = bearer ?? basic?.password ?? null;
  let lookedAt = performance.now();
  let looking: Promise<void> | null = null;

  const authorization = (): string | null => {
    if (bearer !== null) return `Bearer ${bearer.current()}`;
    if (basic === null) return null;
    return `Basic ${Buffer.from(`${basic.username}:${basic.password.current()}`).toString('base64')}`;
  };

  const build = (): Readonly<Record<string, string>> => {
    const value = authorization();
    return {
      ...(value === null ? {} : { authorization: value }),
      ...(tenant === null ? {} : { 'x-scope-orgid': tenant }),
    };
  };
  let headers = build();

  let revision = 0;

  async function look(): Promise<void> {
    if (file === null || !(await file.look())) return;
    const problem = file.problem();
    if (problem !== null) options.onProblem(problem);
    const before = headers.authorization;
    headers = build();
    if (headers.authorization !== before) revision += 1;
  }

  const refresh = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null;
      lookedAt = performance.now();
    });
    return looking;
  };

  return {
    headers: async () => {
      if (file !== null && performance.now() - lookedAt >= LOOK_AFTER_MS) await refresh();
      return headers;
    },
    refresh,
    revision: () => revision,
    problem: () => file?.problem() ?? null,
    conceal: (text) => {
      const secrets = [file?.current() ?? '', headers.authorization?.replace(/^\w+ /, '') ?? ''];
      // Shorter ones stand in too many words by chance.
      return secrets.reduce(
        (shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, '[redacted]')),
        text,
      );
    },
    hasSecret: file !== null,
    tenant,
  };
}
