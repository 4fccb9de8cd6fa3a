/**
 * `npm run docs`: writes the reference documents from the registries and schemas they describe.
 * `npm run docs:check`: fails, naming the file, when one on disk says something else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BridgeSettings } from '../bridge/src/config.ts';
import { createSavedQueries } from '../bridge/src/resources/saved-queries.ts';
import { shippedFiles } from '../bridge/src/resources/shipped-files.ts';
import { tools } from '../bridge/src/tools.ts';
import { collectors } from '../node-agent/src/collectors.ts';
import { AgentSettings } from '../node-agent/src/config.ts';
import { collectorsDocument } from './collectors-document.ts';
import { configurationDocument } from './configuration-document.ts';
import { resourcesDocument } from './resources-document.ts';
import { toolsDocument } from './tools-document.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const savedQueries = createSavedQueries({ shipped: shippedFiles(), directory: null, onChange: () => undefined });

const DOCUMENTS: Readonly<Record<string, string>> = {
  'TOOLS.md': toolsDocument(tools),
  'RESOURCES.md': resourcesDocument(await savedQueries.all()),
  'COLLECTORS.md': await collectorsDocument(collectors),
  'CONFIGURATION.md': configurationDocument([
    { tier: 'Bridge', command: 'telemcp-bridge', source: 'bridge/src/config.ts', settings: BridgeSettings },
    { tier: 'Node agent', command: 'telemcp-node-agent', source: 'node-agent/src/config.ts', settings: AgentSettings },
  ]),
};

const onlyCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(DOCUMENTS)) {
  const path = join(root, name);
  if (textOf(path) === text) continue;
  if (onlyCheck) {
    console.error(`${name} is not what the code says now: run "npm run docs" and commit the result`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`wrote ${name}`);
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
