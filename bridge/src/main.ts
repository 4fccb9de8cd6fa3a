#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=4 --max-old-space-size=256
import { parseArgs } from 'node:util';
import { showListen } from '@telemcp/shared/listen';
import { flagOptions, SettingsError } from '@telemcp/shared/settings';
import { BridgeSettings, loadBridgeConfig, VERSION } from './config.ts';
import { HELP } from './help.ts';
import { createLog } from './log.ts';

const own = {
  config: { type: 'string' },
  url: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { ...flagOptions(BridgeSettings), ...own },
    allowPositionals: true,
  });
  const { config: configPath, url, json = false, help = false, version = false, ...flags } = values;
  const [command, ...words] = positionals;
  if (version) return print(VERSION);
  if (help || command === undefined) return print(HELP, help ? 0 : 2);
  const config = await loadBridgeConfig({ flags, configPath });
  const log = createLog(config.logLevel);
  switch (command) {
    case 'serve': {
      const { serve } = await import('./serve-command.ts');
      const running = await serve(config, log);
      await stopSignal();
      await running.close();
      return 0;
    }
    case 'stdio': {
      const { stdio } = await import('./stdio-command.ts');
      await stdio(config, log);
      return 0;
    }
    case 'ask': {
      const { ask } = await import('./ask-command.ts');
      const outcome = await ask(words, {
        url: url ?? `${showListen(config.listen)}/mcp`,
        json,
        terminal: process.stdout.isTTY,
      });
      return print(outcome.out, outcome.exitCode);
    }
    case 'doctor': {
      const { doctor } = await import('./doctor-command.ts');
      const { text, healthy } = await doctor(config, log);
      return print(text, healthy ? 0 : 1);
    }
    default:
      return print(`no command ${JSON.stringify(command)}; there are serve, stdio, ask and doctor. See --help.`, 2);
  }
}

function print(text: string, exitCode = 0): number {
  (exitCode === 0 || exitCode === 1 ? process.stdout : process.stderr).write(`${text}\n`);
  return exitCode;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  const usage =
    error instanceof SettingsError || (error instanceof Error && 'code' in error && typeof error.code === 'string');
  process.stderr.write(usage ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 2;
}
