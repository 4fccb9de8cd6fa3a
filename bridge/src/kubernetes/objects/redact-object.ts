import { visibleText } from '../../clean-text.ts';
import { redact, secretMarker } from '../../redact.ts';
import { isList, isObject, type Json, type JsonObject, parseJson, textAt } from '../json.ts';
import { type NamePlace, namesCredential } from './credential-names.ts';
import { hideSecretManifests } from './secret-manifest.ts';

/**
 * A copy of an object without credentials: values whose name says so (variables, annotations, keys of ConfigMaps, fields,
 * options of commands), values that look like it wherever they stand, and all that a Secret holds but the sizes that were put
 * in place of it, also of one that is written out inside of another object. Equal secrets get equal markers. What refers to a
 * Secret stays.
 */
export function redactObject(object: JsonObject): JsonObject {
  return redactFields(object, object, { place: 'field', under: '' });
}

/**
 * A field of an object without credentials, as `redactObject` would have it. `above` is the path of keys that led to the
 * object, without indexes of lists.
 */
export function redactedMember(
  root: JsonObject,
  above: readonly string[],
  parent: JsonObject,
  key: string,
): Json | undefined {
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
  if (value === undefined) return undefined;
  const topmost = above[0];
  if (topmost !== undefined && isSecretContent(root, topmost)) return hideContent(value);
  return redactMember(root, parent, key, value, { place: placeOf(root, topmost), under: above.at(-1) ?? '' });
}

/** An object inside of another without credentials; `above` as for `redactedMember`. */
export function redactedPart(root: JsonObject, above: readonly string[], part: JsonObject): JsonObject {
  return redactFields(root, part, { place: placeOf(root, above[0]), under: above.at(-1) ?? '' });
}

/** How the names below a key of the root are read. */
function placeOf(root: JsonObject, topmost: string | undefined): NamePlace {
  // Items of a list do not say their kind.
  return topmost === 'data' && (root.kind === 'ConfigMap' || root.kind === undefined) ? 'variable' : 'field';
}

/** Whether a field holds what a Secret keeps: of the object itself, or of a manifest of one in its spec. */
export function isSecretContent(parent: JsonObject, key: string): boolean {
  return SECRET_PARTS.has(key) && parent.kind === 'Secret';
}

const SECRET_PARTS: ReadonlySet<string> = new Set(['data', 'stringData']);

/** What is known of the object that a field is in. */
interface Around {
  place: NamePlace;
  /** The field that the object is the value of, or in the list of. */
  under: string;
}

function redactFields(root: JsonObject, object: JsonObject, around: Around): JsonObject {
  const shown: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined) shown[key] = redactMember(root, object, key, value, around);
  }
  return shown;
}

function redactMember(root: JsonObject, parent: JsonObject, key: string, value: Json, around: Around): Json {
  const isTop = parent === root;
  if (isSecretContent(parent, key)) return hideContent(value);
  if (typeof value === 'string') return redactText(parent, key, value, around);
  if (typeof value === 'number') return PASSWORD.test(key) ? secretMarker(String(value)) : value;
  const below = { place: isTop ? placeOf(root, key) : around.place, under: key };
  if (isList(value)) return redactList(root, key, value, below);
  return isObject(value) ? redactFields(root, value, below) : value;
}

const PASSWORD = /(?:password|passwd)$/i;

function redactList(root: JsonObject, key: string, list: readonly Json[], around: Around): Json {
  if (COMMANDS.has(key)) return redactArguments(list);
  const areSecrets = PLURAL.test(key) && namesCredential(key, 'field');
  return list.map((item): Json => {
    if (typeof item === 'string') return areSecrets ? hide(item) : redactLook(item);
    if (isList(item)) return redactList(root, key, item, around);
    return isObject(item) ? redactFields(root, item, around) : item;
  });
}

const COMMANDS: ReadonlySet<string> = new Set(['args', 'command', 'cmd', 'entrypoint', 'extraArgs']);
/** Lists of secrets themselves; `secrets` is a list of their names. */
const PLURAL = /(?:passwords|tokens|keys)$/i;

function redactText(parent: JsonObject, key: string, value: string, { place, under }: Around): string {
  const variable = key === 'value' ? (textAt(parent, 'name') ?? textAt(parent, 'key')) : undefined;
  const isCredential =
    variable === undefined
      ? VALUE.test(key) && namesCredential(under, 'field')
      : namesCredential(variable, 'variable') && under !== 'tolerations';
  if (isCredential) return isHarmless(value) ? value : hide(value);
  if (!namesCredential(key, place)) return redactLook(value);
  return isHarmless(value) || (place === 'field' && isReference(key, value)) ? redactLook(value) : hide(value);
}

/** What a field is called that holds the credential which the field around it is named for: `password: {value: x}`. */
const VALUE = /^(?:value|plain|plainText|literal|inline|content|raw)$/;

/** Switches, sizes, masks, and `$(NAME)`, which stands for another variable. */
function isHarmless(value: string): boolean {
  if (/^\$[A-Z_][A-Z0-9_]*$/.test(value)) return true;
  return /^(?:|true|false|yes|no|on|off|none|enabled|disabled|\*+|\$\([\w.-]+\)|\$\{[\w.-]+\}|<[\d,]+ bytes>)$/i.test(
    value,
  );
}

/** Fields and annotations that name a Secret, or a key in one, without a word for that: `auth-secret`, `secretKey: password`. */
function isReference(key: string, value: string): boolean {
  if (REFERS_TO_KEY.test(key)) return /^[a-z]+(?:[._-][a-z]+){0,3}$/i.test(value) && value.length <= 40;
  return REFERS_TO_SECRET.test(key) && /^(?:[a-z0-9.-]{1,63}\/)?[a-z0-9][a-z0-9.-]{0,62}$/.test(value);
}

const REFERS_TO_KEY = /(?:secret|password|token)[_-]?key$/i;
const REFERS_TO_SECRET =
  /(?:^|[/_-])(?:existing|credentials?|user|tls|auth|auth-tls|pull|image[_-]?pull|cert|ca|root)[_-]?secret$|^(?:existing|credentials?|tls|auth|pull|imagePull|cert|ca)Secret$/i;

function hide(value: string): string {
  return value === '' || value.startsWith('[redacted') ? value : secretMarker(value);
}

/** All that a Secret holds, but for the sizes that stand in place of values. */
function hideContent(value: Json): Json {
  if (typeof value === 'string') return /^<[\d,]+ bytes?>$/.test(value) ? value : hide(value);
  if (isList(value)) return value.map(hideContent);
  if (!isObject(value)) return value === null ? null : secretMarker(String(value));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, each === undefined ? null : hideContent(each)]),
  );
}

/** Arguments of a command: `--password=x`, `--token x` and `TOKEN=x`. */
function redactArguments(list: readonly Json[]): Json {
  const line = list.filter((item) => typeof item === 'string').join(' ');
  const shown = SHORT_OPTIONS.test(line) && line.length <= LONGEST_DECODED ? redact(line) : null;
  return list.map((item, index): Json => {
    if (typeof item !== 'string') return item;
    const byLine = shown === null ? null : redactByLine(item, list[index - 1], shown);
    if (byLine !== null) return byLine;
    const before = list[index - 1];
    const option = typeof before === 'string' && !item.startsWith('-') ? /^--?([\w.-]+)$/.exec(before)?.[1] : undefined;
    if (option !== undefined && namesCredential(option, 'field') && !isHarmless(item)) return hide(item);
    const [whole, name, value] = /^-{0,2}([\w.-]{1,80})=([\s\S]+)$/.exec(item) ?? [];
    if (whole === undefined || name === undefined || value === undefined) return redactLook(item);
    if (!namesCredential(name, 'field') || isHarmless(value)) return redactLook(item);
    return item.slice(0, item.length - value.length) + hide(value);
  });
}

/** Commands with credentials behind options of one letter, which only the whole line tells: `mysql -pX`, `redis-cli -a X`. */
const SHORT_OPTIONS = /mysql|mariadb|redis-cli|curl/;

/** An argument as it is in a command line that was redacted as a whole, null where that hides nothing of it. */
function redactByLine(item: string, before: Json | undefined, line: string): string | null {
  const start = item.startsWith('-p') ? 2 : item.indexOf(':') + 1;
  const hidden = item.slice(0, start) + hide(item.slice(start));
  const isHidden = item.length > start && hidden !== item && line.includes(` ${hidden}`);
  return isHidden && (start > 0 || before === '-a') ? hidden : null;
}

/** What looks like a credential in a text, also in one that is JSON or base64 as a whole. */
function redactLook(text: string): string {
  if (text.length < SHORTEST_SECRET || clean.has(text)) return text;
  const shown = redactNew(visibleText(text));
  if (shown === text && text.length <= LONGEST_REMEMBERED) {
    if (clean.size >= MOST_REMEMBERED) clean.clear();
    clean.add(text);
  }
  return shown;
}

// Lists say the same images, nodes and phases thousands of times.
const clean = new Set<string>();
const LONGEST_REMEMBERED = 200;
const MOST_REMEMBERED = 5000;

function redactNew(text: string): string {
  if (/^[{[]/.test(text) && text.length <= LONGEST_DECODED) return redact(redactJson(text));
  const shown = redactLines(text);
  if (shown !== text || text.length > LONGEST_DECODED) return shown;
  if (!BASE64.test(text) || HEX.test(text)) return text;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  return PRINTABLE.test(decoded) && redactLines(decoded) !== decoded ? secretMarker(text) : text;
}

function redactLines(text: string): string {
  return redact(hideSecretManifests(text));
}

const SHORTEST_SECRET = 6;
const LONGEST_DECODED = 65_536;
const BASE64 = /^[A-Za-z0-9+/\n]{16,}={0,2}\n?$/;
const HEX = /^[0-9a-f]+$/i;
const PRINTABLE = /^[\t\n\r -~]*$/;

/** JSON in a text, such as the configuration that another tool keeps in an annotation. */
function redactJson(text: string): string {
  const parsed = parseJson(text);
  if (!isObject(parsed) && !isList(parsed)) return text;
  const root: JsonObject = isObject(parsed) ? parsed : { list: parsed };
  const shown = redactObject(root);
  const before = JSON.stringify(root);
  const after = JSON.stringify(shown);
  if (before === after) return text;
  return isObject(parsed) ? after : JSON.stringify(shown.list);
}
