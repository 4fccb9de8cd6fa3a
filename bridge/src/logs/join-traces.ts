import type { LogEntry, LogLine } from './log-entry.ts';
import { levelOfText } from './log-level.ts';

export interface TraceJoiner {
  push(line: LogLine): void;
  /** Gives the entry that waits for more lines. */
  end(): void;
}

/**
 * Puts the lines of a message together again: stack traces of Java, Kotlin, Python, Go, Node, .NET, Ruby and Rust, and lines
 * that are indented below another. An entry holds up to 200 lines and 16,000 characters; what is more is counted. Empty lines
 * are left out.
 */
export function createTraceJoiner(onEntry: (entry: LogEntry) => void): TraceJoiner {
  let open: OpenEntry | null = null;
  const give = () => {
    if (open !== null) onEntry({ time: open.time, lines: open.lines, more: open.more });
    open = null;
  };
  return {
    push: ({ time, text }) => {
      if (text === '') return;
      if (open !== null && continues(open, text) && areNear(open.lastTime, time)) return append(open, time, text);
      give();
      open = { time, lastTime: time, lines: [text], characters: text.length, more: 0, trace: traceOf(text) };
    },
    end: give,
  };
}

type Trace = 'go' | 'python' | 'python-end' | 'rust' | 'other' | null;

interface OpenEntry {
  time: string | null;
  lastTime: string | null;
  lines: string[];
  characters: number;
  more: number;
  trace: Trace;
}

const MAX_LINES = 200;
const MAX_CHARACTERS = 16_000;
/** A process writes a trace at once; what comes seconds later is something else. */
const MAX_GAP_MS = 2000;

function append(open: OpenEntry, time: string | null, text: string): void {
  open.trace = traceAfter(open.trace, text);
  open.lastTime = time;
  if (open.lines.length >= MAX_LINES || open.characters + text.length > MAX_CHARACTERS) {
    open.more += 1;
    return;
  }
  open.lines.push(text);
  open.characters += text.length;
}

function continues({ trace, lines }: OpenEntry, text: string): boolean {
  if (/^\s/.test(text)) return FRAME.test(text) || trace !== null || !isOwnMessage(text);
  if (lines.length > 1 && /^[}\])]+[,;]?$/.test(text)) return true;
  switch (trace) {
    case 'go':
      return GO_PART.test(text) || (text.endsWith(')') && GO_CALL.test(text));
    case 'python':
      return true;
    case 'python-end':
      return PYTHON_CHAIN.test(text);
    case 'rust':
      return lines.length === 1 || /^(?:note: |stack backtrace:)/.test(text);
    case 'other':
      return CAUSE.test(text);
    case null:
      return EXCEPTION.test(text) && levelOfText(lines[0] ?? '') === 'error';
  }
}

function traceOf(text: string): Trace {
  if (PYTHON.test(text)) return 'python';
  if (GO.test(text)) return 'go';
  if (RUST.test(text)) return 'rust';
  return EXCEPTION.test(text) || /Unhandled exception/.test(text) ? 'other' : null;
}

function traceAfter(trace: Trace, text: string): Trace {
  if (PYTHON.test(text) || PYTHON_CHAIN.test(text)) return 'python';
  // The exception's own line, the first that is not indented, ends it.
  if (trace === 'python') return /^\s/.test(text) ? 'python' : 'python-end';
  return trace ?? (FRAME.test(text) || EXCEPTION.test(text) ? 'other' : null);
}

/** An indented line that a logger wrote by itself, since it says when or how grave it is. */
function isOwnMessage(text: string): boolean {
  return /^\s*[[(]?\d{2,4}[-/:]\d\d/.test(text) || levelOfText(text) !== null;
}

function areNear(left: string | null, right: string | null): boolean {
  return left === null || right === null || Math.abs(Date.parse(right) - Date.parse(left)) <= MAX_GAP_MS;
}

const FRAME = /^\s+(?:at |\.\.\. \d+ |File "|from |---|\^|\d+: |in )/;
const CAUSE = /^(?:Caused by: |Suppressed: |--- End |\.\.\. \d+ more)/;
const EXCEPTION =
  /^(?:Exception in thread |Uncaught |Unhandled |Traceback \(most recent call last\):|(?:[\w$]+\.)*(?:[A-Z][\w$]*)?(?:Exception|Error|Throwable)(?: \[\w+\])?(?::|$))/;
const PYTHON = /(?:^|\s)Traceback \(most recent call last\):$/;
const PYTHON_CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const GO = /(?:^|\s)(?:panic: |fatal error: |goroutine \d+ \[)/;
const GO_PART = /^(?:goroutine \d+ \[|created by |exit status \d|\[signal |\[recovered|rax +0x)/;
/** `main.(*Server).serve(0x0, {0x1, 0x2})`: bounded, since dots and brackets are in every part of it. */
const GO_CALL = /^[\w$\u00b7./*()[\]-]{2,300}\(/;
const RUST = /^thread '[^']*' (?:\(\d+\) )?panicked at /;
