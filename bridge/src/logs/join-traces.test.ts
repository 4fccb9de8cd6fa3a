import { describe, expect, it } from 'vitest';
import { headlineOf } from './entry-headline.ts';
import { createTraceJoiner } from './join-traces.ts';
import type { LogEntry } from './log-entry.ts';

function join(lines: readonly string[], timeOf: (index: number) => string | null = () => null): LogEntry[] {
  const entries: LogEntry[] = [];
  const joiner = createTraceJoiner((entry) => entries.push(entry));
  for (const [index, text] of lines.entries()) joiner.push({ time: timeOf(index), text });
  joiner.end();
  return entries;
}

const JAVA = [
  '2026-11-22 10:00:00 ERROR [http-1] o.a.Ledger - booking failed',
  'java.lang.IllegalStateException: no ledger 17',
  '  at com.example.Ledger.book(Ledger.java:114)',
  '  at com.example.Api.post(Api.java:20)',
  'Caused by: java.io.IOException: disk full',
  '  at com.example.Disk.write(Disk.java:7)',
  '  ... 12 more',
];
const JAVA_MAIN = ['Exception in thread "main" java.lang.NullPointerException', '  at Main.main(Main.java:3)'];
const PYTHON = [
  'ERROR:root:job failed',
  'Traceback (most recent call last):',
  '  File "/app/job.py", line 3, in run',
  '    fetch()',
  "KeyError: 'id'",
  '',
  'During handling of the above exception, another exception occurred:',
  '',
  'Traceback (most recent call last):',
  '  File "/app/job.py", line 9, in <module>',
  'app.JobError: job 12 is broken',
];
const GO = [
  'panic: runtime error: invalid memory address or nil pointer dereference',
  '[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47b0d2]',
  '',
  'goroutine 1 [running]:',
  'main.(*Server).serve(0x0, {0x1, 0x2})',
  '  /app/main.go:12 +0x1d',
  'created by main.main in goroutine 7',
  '  /app/main.go:8 +0x2b',
  'exit status 2',
];
const NODE = [
  "TypeError: Cannot read properties of undefined (reading 'id')",
  '    at handler (/app/server.js:10:5)',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {',
  "  code: 'E_ID'",
  '}',
];
const DOTNET = [
  'Unhandled exception. System.InvalidOperationException: Sequence contains no elements',
  ' ---> System.IO.IOException: no space',
  '   at App.Disk.Write() in /src/Disk.cs:line 12',
  '   --- End of inner exception stack trace ---',
  '   at App.Program.Main(String[] args) in /src/Program.cs:line 9',
];
const RUST = [
  "thread 'main' panicked at src/main.rs:2:5:",
  'index out of bounds: the len is 3 but the index is 99',
  'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
];
const RUBY = ["app.rb:3:in `fetch': no id (KeyError)", "  from app.rb:9:in `run'"];

describe('createTraceJoiner', () => {
  it.each([
    ['Java', JAVA],
    ['Java, uncaught', JAVA_MAIN],
    ['Python', PYTHON],
    ['Go', GO],
    ['Node', NODE],
    ['.NET', DOTNET],
    ['Rust', RUST],
    ['Ruby', RUBY],
  ])('makes one entry of a trace of %s, and none of its neighbours', (_, trace) => {
    const entries = join(['INFO started', ...trace, 'INFO next request', 'INFO another']);
    expect(entries.map((entry) => entry.lines)).toEqual([
      ['INFO started'],
      trace.filter((line) => line !== ''),
      ['INFO next request'],
      ['INFO another'],
    ]);
  });

  it('keeps two traces apart', () => {
    expect(join([...JAVA, ...JAVA]).map((entry) => entry.lines.length)).toEqual([7, 7]);
    expect(join([...JAVA_MAIN, ...JAVA_MAIN]).map((entry) => entry.lines.length)).toEqual([2, 2]);
  });

  it('puts an indented block under the line above it', () => {
    expect(join(['config:', '  port: 80', '  host: a', 'ready']).map((entry) => entry.lines.length)).toEqual([3, 1]);
    expect(join(['{', '  "a": 1', '}', 'ready']).map((entry) => entry.lines.length)).toEqual([3, 1]);
  });

  it('leaves lines apart that a logger indents one by one, or that come seconds later', () => {
    expect(join([' 2026-11-22 a', ' 2026-11-22 b', ' INFO c'])).toHaveLength(3);
    expect(join(['a', '  b'], (index) => `2026-11-22T10:00:0${index * 5}Z`)).toHaveLength(2);
    expect(join(['a', '  b'], (index) => `2026-11-22T10:00:00.${index}Z`)).toHaveLength(1);
  });

  it('has a bounded part of an endless trace and counts the rest', () => {
    const [entry, ...others] = join(['boom', ...Array.from({ length: 10_000 }, (_, index) => `  at frame ${index}`)]);
    expect(others).toEqual([]);
    expect(entry?.lines.length).toBe(200);
    expect(entry?.more).toBe(10_001 - 200);
  });
});

it.each(['main.(', '.(', 'a.', 'A', ' ', 'Error'])('ends on a quarter of a megabyte of %j within a trace', (unit) => {
  const line = unit.repeat(262_144 / unit.length);
  for (const trace of [GO, JAVA, PYTHON, RUST]) {
    const entries = join([...trace, line]);
    expect(entries.flatMap((entry) => [entry.lines.length + entry.more]).reduce((a, b) => a + b)).toBe(
      trace.filter((each) => each !== '').length + 1,
    );
    expect(headlineOf({ lines: [line, line] })).toContain(unit.trim());
  }
});

describe('headlineOf', () => {
  it.each([
    [
      JAVA,
      '… booking failed … java.lang.IllegalStateException: no ledger 17 … Caused by: java.io.IOException: disk full',
    ],
    [JAVA_MAIN, 'Exception in thread "main" java.lang.NullPointerException'],
    [PYTHON.slice(1), 'app.JobError: job 12 is broken'],
    [PYTHON, "ERROR:root:job failed … KeyError: 'id' … app.JobError: job 12 is broken"],
    [NODE, NODE[0]],
    [DOTNET, `${DOTNET[0]} … ---> System.IO.IOException: no space`],
    [['one line'], 'one line'],
  ])('names the exception and its cause', (lines, headline) => {
    expect(headlineOf({ lines })).toBe(
      headline?.replace('… booking', '2026-11-22 10:00:00 ERROR [http-1] o.a.Ledger - booking'),
    );
  });
});
