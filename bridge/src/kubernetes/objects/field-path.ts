import { invalidArgument, type ToolError } from '../../errors.ts';

/** One step from a value to those below it. */
export type FieldStep =
  | { readonly kind: 'name'; readonly name: string }
  /** `[2]`, counted from the end where negative. */
  | { readonly kind: 'index'; readonly index: number }
  /** `[1:3]`; undefined is the start, or the end. */
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'all' }
  /** `..name`: at any depth. */
  | { readonly kind: 'deep'; readonly name: string }
  | { readonly kind: 'filter'; readonly test: FieldTest };

/** What a filter asks of an element: one comparison, or several put together. */
export type FieldTest =
  | { readonly kind: 'exists'; readonly steps: readonly FieldStep[] }
  | {
      readonly kind: 'compare';
      readonly steps: readonly FieldStep[];
      readonly operator: string;
      readonly literal: Literal;
    }
  | { readonly kind: 'not'; readonly test: FieldTest }
  | { readonly kind: 'and' | 'or'; readonly tests: readonly FieldTest[] };

type Literal = string | number | boolean | null;

/** A path as it was written, without what all forms have in front of it. */
export interface FieldPath {
  readonly text: string;
  readonly steps: readonly {
    readonly step: FieldStep /** The path up to and with this step. */;
    readonly text: string;
  }[];
}

const EXAMPLE = `For example fields=spec.nodeName,spec.containers[*].image or fields=status.conditions[?(@.type=="Ready")].status`;
const MOST_PATHS = 20;
const LONGEST = 2000;

/**
 * The paths of `fields`, separated by commas: dotted, kubectl's JSONPath in braces, or RFC 9535 with `$`. `.items[*]` in front
 * is dropped, for a path is taken of each object.
 * @throws {ToolError} `invalid_argument` with the position, counted from 1
 */
export function parseFieldPaths(fields: string): FieldPath[] {
  if (fields.length > LONGEST) throw invalidArgument('fields', `longer than ${LONGEST} characters`, EXAMPLE);
  const paths: FieldPath[] = [];
  let position = 0;

  function fail(problem: string, where = position): ToolError {
    return invalidArgument('fields', `at position ${where + 1}: ${problem}`, EXAMPLE);
  }
  /** What a sticky pattern finds here, and goes past it. */
  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = position;
    const found = pattern.exec(fields);
    if (found !== null) position = pattern.lastIndex;
    return found;
  }
  function expect(pattern: RegExp, what: string): RegExpExecArray {
    const found = take(pattern);
    if (found === null)
      throw fail(`${what} expected, ${position < fields.length ? `got ${fields[position]}` : 'it ends here'}`);
    return found;
  }

  function parseSteps(canStartBare: boolean): FieldPath['steps'] {
    const steps: { step: FieldStep; text: string }[] = [];
    const start = position;
    let bare = canStartBare;
    for (;;) {
      const step = parseStep(bare);
      if (step === null) return steps;
      steps.push({ step, text: fields.slice(start, position).replace(/^\.(?!\.)/, '') });
      bare = false;
    }
  }
  function parseStep(bare: boolean): FieldStep | null {
    if (take(/\.\./y)) return { kind: 'deep', name: unescapeName(expect(NAME, 'a name').at(0)) };
    if (take(/\.?\[/y)) return parseBracket();
    if (take(/\.?\*/y)) return { kind: 'all' };
    if (take(/\./y)) return { kind: 'name', name: unescapeName(expect(NAME, 'a name').at(0)) };
    const found = bare ? take(NAME) : null;
    return found === null ? null : { kind: 'name', name: unescapeName(found[0]) };
  }
  function parseBracket(): FieldStep {
    const opened = position - 1;
    take(SPACE);
    const step = parseSelector();
    take(SPACE);
    if (!take(/\]/y)) throw fail('no ] to this [', opened);
    return step;
  }
  function parseSelector(): FieldStep {
    if (take(/\*/y)) return { kind: 'all' };
    if (take(/\?/y)) {
      take(SPACE);
      return { kind: 'filter', test: parseTest('or') };
    }
    const quoted = parseQuoted();
    if (quoted !== null) return { kind: 'name', name: quoted };
    const numbers = take(/(-?\d{1,9})?(?:(:)(-?\d{1,9})?)?/y);
    const [, from, colon, to] = numbers ?? [];
    if (colon !== undefined) return { kind: 'slice', from: numberOf(from), to: numberOf(to) };
    if (from !== undefined) return { kind: 'index', index: Number(from) };
    throw fail('a number, *, a quoted name or ?(…) expected');
  }
  function parseQuoted(): string | null {
    const found = take(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y);
    return found === null ? null : (found[1] ?? found[2] ?? '').replace(/\\(.)/g, '$1');
  }
  function parseTest(kind: 'or' | 'and'): FieldTest {
    const tests: FieldTest[] = [];
    do {
      take(SPACE);
      tests.push(kind === 'or' ? parseTest('and') : parseUnit());
      take(SPACE);
    } while (take(kind === 'or' ? /\|\|/y : /&&/y));
    const [only] = tests;
    return tests.length === 1 && only !== undefined ? only : { kind, tests };
  }
  function parseUnit(): FieldTest {
    if (take(/!/y)) return { kind: 'not', test: parseUnit() };
    if (take(/\(/y)) {
      const test = parseTest('or');
      expect(/\)/y, ')');
      return test;
    }
    expect(/@/y, '@');
    const steps = parseSteps(false).map(({ step }) => step);
    take(SPACE);
    const operator = take(/==|!=|<=|>=|<|>|=/y)?.[0];
    if (operator === undefined) return { kind: 'exists', steps };
    take(SPACE);
    return { kind: 'compare', steps, operator: operator === '=' ? '==' : operator, literal: parseLiteral() };
  }
  function parseLiteral(): Literal {
    const quoted = parseQuoted();
    if (quoted !== null) return quoted;
    const word = expect(/true|false|null|-?\d+(?:\.\d+)?/y, 'a quoted text, a number, true, false or null')[0];
    return word === 'null' ? null : word === 'true' || word === 'false' ? word === 'true' : Number(word);
  }

  for (;;) {
    take(SPACE);
    if (/\{\s*(?:range|end)\b/y.test(fields.slice(position)))
      throw fail('range is not needed: a path is taken of every object');
    const brace = take(/\{\s*/y) !== null;
    take(/\$/y);
    take(/\.?items\s*(?:\[\s*\*?\s*\])(?=[.[])/y);
    const start = position;
    const steps = parseSteps(true);
    if (steps.length === 0)
      throw fail(
        position < fields.length ? `a path expected, got ${fields[position]}` : 'a path expected, it ends here',
      );
    paths.push({ text: fields.slice(start, position).replace(/^\.(?!\.)/, ''), steps });
    take(SPACE);
    if (brace) expect(/\}/y, '}');
    // What kubectl prints between values.
    while (take(/\s*\{\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\}/y));
    take(SPACE);
    if (position === fields.length) break;
    if (!take(/,/y) && fields[position] !== '{') throw fail(`a comma between paths expected, got ${fields[position]}`);
  }
  if (paths.length > MOST_PATHS)
    throw invalidArgument('fields', `${paths.length} paths, at most ${MOST_PATHS}`, EXAMPLE);
  return paths;
}

/** A name without quotes; kubectl escapes dots in it by a backslash. */
const NAME = /(?:[^\s.,[\](){}*'"\\?@=<>!&|]|\\.)+/y;
const SPACE = /\s*/y;

function unescapeName(name: string | undefined): string {
  return (name ?? '').replace(/\\(.)/g, '$1');
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
