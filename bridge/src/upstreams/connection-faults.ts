import type { ClientTls } from './client-tls.ts';

/** A connection that failed, in the words of an error. */
export interface ConnectionFault {
  code: 'timeout' | 'unreachable' | 'bad_response';
  problem: string;
  hint: string | null;
}

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve now',
  EPIPE: 'connection closed',
  ENOENT: 'there is no such socket',
  EACCES: 'permission denied; this user may not write to the socket',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection was cut in mid-answer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

const UNTRUSTED = 'its certificate is from no authority that is trusted here';
const TLS_WORDS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name than the address has',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it lets in only clients with a certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
};
/** Alerts by which a server says that of us (RFC 8446 §6.2), in OpenSSL's names. */
const REFUSES_OURS =
  /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN)|UNKNOWN_CA)$/;
const CUT = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const RUNS = 'See that it runs and that the address is right; `doctor` checks this.';

/**
 * What an error of undici, of a socket or of TLS means. `isUnanswered`: not even the headers of an answer had come.
 * @param tls how the upstream is connected to, where that is HTTPS
 */
export function connectionFault(error: unknown, tls: ClientTls | null, isUnanswered: boolean): ConnectionFault {
  // A host name with several addresses fails with an AggregateError that holds the reasons.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return { code: 'timeout', problem: PLAIN_WORDS[code] ?? 'no answer in time', hint: null };
  // In TLS 1.3 a server learns of a client's certificate only after the client is done; Node's then hangs up without a word.
  if (tls !== null && isUnanswered && CUT.has(code)) {
    const problem = tls.ownProblem() ?? 'it may not accept our client certificate';
    return { code: 'unreachable', problem: `TLS: closed without an answer; ${problem}`, hint: tls.advice };
  }
  if (tls !== null && REFUSES_OURS.test(code)) {
    const problem = tls.ownProblem() ?? 'its authority may not be one of those it trusts';
    const said = `TLS: it does not accept our client certificate (${code}); ${problem}`;
    return { code: 'unreachable', problem: said, hint: tls.advice };
  }
  const words = PLAIN_WORDS[code];
  if (words !== undefined) return { code: 'unreachable', problem: words, hint: RUNS };
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    const hint = tls?.advice ?? 'Check the certificate authority and the host name.';
    const known = TLS_WORDS[code];
    return { code: 'unreachable', problem: `TLS: ${known === undefined ? code : `${known} (${code})`}`, hint };
  }
  return {
    code: 'bad_response',
    problem: `not a valid HTTP answer (${code || 'unknown fault'})`,
    hint: 'See that the address is that of an HTTP server.',
  };
}
