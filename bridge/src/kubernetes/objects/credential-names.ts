/**
 * Where a name stands, which decides how much of it must say that its value is a credential:
 * - `variable`: a variable of an environment or a key of a ConfigMap. Anywhere in the name counts (`TOKEN_GITHUB`).
 * - `field`: a field of an object, an annotation, an option of a command. It must be what the name ends with, for
 *   `auth-secret-type` and `tokenReview` are about credentials and hold none.
 */
export type NamePlace = 'variable' | 'field';

/**
 * Whether a name says that its value is a credential. Names of what only refers to one, or describes it, do not:
 * `secretName`, `TOKEN_PATH`, `tokenExpirationSeconds`, `checksum/secret`.
 */
export function namesCredential(name: string, place: NamePlace): boolean {
  const known = seen[place].get(name);
  if (known !== undefined) return known;
  const says = judge(name, place);
  if (seen[place].size < MOST_SEEN) seen[place].set(name, says);
  return says;
}

// Lists hold the same few names thousands of times.
const seen = { variable: new Map<string, boolean>(), field: new Map<string, boolean>() };
const MOST_SEEN = 5000;

function judge(name: string, place: NamePlace): boolean {
  if (name.length > LONGEST_NAME) return false;
  // The shell's working directory.
  if (name === 'PWD' || name === 'OLDPWD') return false;
  if (/(?:^|[/.])(?:checksum|hash|sha(?:1|256|512)?)[/.-]/i.test(name) || FILE.test(name)) return false;
  const words = name
    .slice(place === 'field' ? name.lastIndexOf('/') + 1 : 0)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
    .replace(/_?\d+$/, '');
  if (CREDENTIAL_ID.test(words)) return true;
  if (REFERENCE.test(words)) return false;
  return place === 'variable' ? ANYWHERE.test(words) || AT_END.test(words) : AT_END.test(words);
}

const LONGEST_NAME = 253;

/** A file in a ConfigMap: its content tells, not its name. */
const FILE =
  /\.(?:ya?ml|json|toml|ini|conf|cfg|properties|sh|py|js|sql|txt|md|tpl|tmpl|crt|pem|cert|pub|html?|xml|lua|rego)$/i;

const CREDENTIAL_ID = /(?:^|_)(?:access_?key|secret|session)_id$/;

/** Words at the end of a name that make it the name of something about a credential. */
const REFERENCE = new RegExp(
  `(?:^|_)(?:${[
    'names?|refs?|references?|from|files?|filename|paths?|dirs?|directory|mount|folder|location|source',
    'types?|kind|modes?|methods?|enabled?|disabled?|required?|allowed|optional|ttl|exp|expiry|expiration|expires|expires_in|expires_at|age',
    'ms|seconds?|minutes?|hours?|days?|timeout|duration|interval|period|delay|issuer|audiences?|endpoints?|ur[li]s?|hosts?|ports?|server',
    'ids?|version|namespaces?|count|length|len|size|limit|max|min|policy|policies|providers?|class|stores?|backend|engine|managers?|rotation|rotate',
    'algorithms?|alg|headers?|prefix|suffix|scopes?|realm|reviews?|requests?|selector|templates?|format|encoding|users?|username|role|status|state|config',
    'reload|sync|service|controller|webhook|proxy|driver|provisioner|public_key|field|label|annotation|property|env|variable|index|usage|usages|per_second|rate',
  ].join('|')})$`,
);

const ANYWHERE =
  /passw(?:or)?d|passphrase|passcode|secret(?!ar)|token(?!i[sz])|(?:api|access|private|account|signing|encryption|master|auth|license)_?key|credential|connection_?string/;

const AT_END = new RegExp(
  `(?:${[
    'passw(?:or)?ds?|passphrase|passcode|secrets?|tokens?|credentials?|conn(?:ection)?_?str(?:ing)?',
    '(?:api|access|private|account|signing|encryption|master|auth|license|secret|token|session|jwt|hmac|shared|ssh|deploy|cookie)_?keys?(?:_base)?',
    'client_?key_?data|(?:^|_)(?:pwd|pw|pass|dsn|jwt|auth|authorization|bearer|cookie|htpasswd|salt|seed|mnemonic)|docker_?config_?json|dockercfg',
  ].join('|')})(?:_(?:value|plain|text|base64|b64|data|old|new|current|previous|prod|dev|staging|test|live))?$`,
);
