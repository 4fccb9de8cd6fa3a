import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAMILY_NAMES } from '@telemcp/shared/family-names';
import { afterEach, describe, expect, it } from 'vitest';
import { entriesOf, importsOf, importViolations, REGISTRIES, type Registry, registryGaps } from './architecture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const planted: string[] = [];

/** A tree of the given files, gone after the test. */
function plant(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'telemcp-architecture-'));
  planted.push(directory);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

afterEach(() => {
  for (const directory of planted.splice(0)) rmSync(directory, { recursive: true });
});

describe('this tree', () => {
  it('keeps the rules on imports', () => {
    expect(importViolations(root)).toEqual([]);
  });

  for (const kind of REGISTRIES) {
    it.skipIf(!existsSync(join(root, kind.registry)))(`lists, tests and documents all of ${kind.folder}`, async () => {
      expect(await registryGaps(root, kind)).toEqual([]);
    });
  }

  const [collectors] = REGISTRIES;
  it.skipIf(collectors === undefined || !existsSync(join(root, collectors.registry)))(
    'has a collector for every family of the contract',
    async () => {
      expect((await entriesOf(root, collectors!)).sort()).toEqual([...FAMILY_NAMES].sort());
    },
  );
});

describe('the rules on imports', () => {
  it.each([
    ['shared/src/a.ts', "import { parse } from 'yaml';", 'zod and nothing else'],
    ['shared/src/a.ts', "import { x } from '../../bridge/src/x.ts';", 'never by a path'],
    ['bridge/src/a.ts', "import { x } from '@telemcp/node-agent/x';", 'never each other'],
    ['node-agent/src/a.ts', "export type { X } from '@telemcp/bridge/x';", 'never each other'],
    ['bridge/src/tools/k8s-get.ts', "import { top } from './k8s-top.ts';", 'another tool'],
    ['bridge/src/tools/k8s-get.ts', "import type { BridgeSettings } from '../config.ts';", 'not from config.ts'],
    ['bridge/src/tools/k8s-get.ts', "import { z } from '@modelcontextprotocol/server';", 'the MCP SDK'],
    ['bridge/src/upstreams/a.ts', "import type { X } from '@modelcontextprotocol/server';", 'the MCP SDK'],
    ['node-agent/src/collectors/os.ts', "import dbus from 'dbus-next';", 'dbus-link.ts'],
    ['node-agent/src/collectors/os.ts', "import forge from 'node-forge';", 'PKCS#12'],
    ['node-agent/src/a.ts', "import { spawn } from 'node:child_process';", 'no process'],
    ['node-agent/src/a.ts', "const { fork } = await import('node:cluster');", 'no process'],
    ['node-agent/src/a.ts', "  const os = require('child_process');", 'no process'],
    ['node-agent/src/a.ts', 'await import(name);', 'computed'],
    ['node-agent/src/a.ts', "import { createRequire } from 'node:module';", 'node:module'],
    ['node-agent/src/a.ts', "process.getBuiltinModule('fs');", 'past its imports'],
    ['node-agent/src/collectors/os.ts', "import { readFile } from 'node:fs/promises';", 'through the context'],
    ['node-agent/src/host-root.ts', "import { lstat, writeFile } from 'node:fs/promises';", 'writes no file'],
    ['node-agent/src/host-root.ts', "import * as fs from 'node:fs';", 'writes no file'],
    ['node-agent/src/host-root.ts', "import {\n  lstat,\n  unlink as drop,\n} from 'node:fs';", 'writes no file'],
    ['bridge/src/utils/time.ts', '', 'no utils/ here'],
    ['bridge/src/index.ts', '', 'no index.ts here'],
  ])('catch in %s: %s', (path, text, says) => {
    expect(importViolations(plant({ [path]: `${text}\n` }))).toEqual([expect.stringContaining(says)]);
  });

  it.each([
    ['shared/src/a.ts', "import * as z from 'zod';\nimport type { B } from './facts/b.ts';"],
    ['bridge/src/mcp-server.ts', "import { McpServer } from '@modelcontextprotocol/server';"],
    ['bridge/src/tools/k8s-get.ts', "import type { Kubernetes } from '../upstreams/kubernetes.ts';"],
    ['bridge/src/tools/k8s-get.test.ts', "import { k8sTop } from './k8s-top.ts';"],
    ['node-agent/src/dbus/dbus-link.ts', "import dbus from 'dbus-next';"],
    ['node-agent/src/certificates/pkcs12.ts', "const forge = await import('node-forge');"],
    ['node-agent/src/collectors/os.ts', "import type { Dirent } from 'node:fs';"],
    ['node-agent/src/listening.ts', "import { lstat, unlink } from 'node:fs/promises';"],
    ['node-agent/src/host-root.ts', "import { constants, type Dirent } from 'node:fs';"],
    ['node-agent/src/collectors/os.ts', "/**\n * import('node:fs') is not for collectors\n */\n// require('fs')"],
    ['node-agent/src/collectors/os.test.ts', "import { spawn } from 'node:child_process';"],
    ['bridge/src/a.ts', 'context.import(name);\nconst important = reimport(name);'],
  ])('let %s: %s', (path, text) => {
    expect(importViolations(plant({ [path]: `${text}\n` }))).toEqual([]);
  });

  it('see every import of a file, whatever its form', () => {
    const source = `import 'a';
import b, { type c, d as e } from "b";
import type { f } from 'f';
import {
  g,
  h,
} from 'g';
export { i } from 'i';
export * as j from 'j';
const k = await import('k');
export const text = "import l from 'l'";
`;
    expect(importsOf(source).map((found) => found.specifier)).toEqual(['a', 'b', 'f', 'g', 'i', 'j', 'k']);
    expect(importsOf(source).find((found) => found.specifier === 'g')?.names).toEqual(['g', 'h']);
  });
});

describe('the rules on registries', () => {
  const kind: Registry = {
    folder: 'src/tools',
    registry: 'src/tools.ts',
    list: 'tools',
    key: 'name',
    document: 'TOOLS.md',
  };
  const complete = {
    'src/tools.ts': "import { get } from './tools/k8s-get.ts';\nexport const tools = [get];\n",
    'src/tools/k8s-get.ts': "export const get = { name: 'k8s.get' };\n",
    'src/tools/k8s-get.test.ts': '',
    'TOOLS.md': '## `k8s.get`\n',
  };

  it('accept a tool that is listed, tested, documented and named after its file', async () => {
    expect(await registryGaps(plant(complete), kind)).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a file that nobody listed', { 'src/tools/k8s-top.ts': "export const top = { name: 'k8s.top' };" }, 'is not in'],
    ['a tool that the document leaves out', { 'TOOLS.md': '# Tools\n' }, 'not in TOOLS.md'],
    [
      'a tool with the name of another file',
      { 'src/tools/k8s-get.ts': "export const get = { name: 'k8s.fetch' };" },
      'src/tools/k8s-get.ts must export an entry with name = its own name, found k8s.fetch',
    ],
    [
      'a tool that is listed twice',
      { 'src/tools.ts': "import { get } from './tools/k8s-get.ts';\nexport const tools = [get, get];\n" },
      'listed twice',
    ],
  ])('catch %s', async (_, change, says) => {
    expect((await registryGaps(plant({ ...complete, ...change }), kind)).join('\n')).toContain(says);
  });

  it('catch a tool without a test beside it', async () => {
    const { 'src/tools/k8s-get.test.ts': _, ...untested } = complete;
    expect(await registryGaps(plant(untested), kind)).toEqual(['k8s.get: no test beside src/tools/k8s-get.ts']);
  });
});
