#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { SettingsError } from '@telemcp/shared/settings';
import { helpText, parseCommandLine } from './command-line.ts';
import { loadAgentSettings, VERSION } from './config.ts';
import { leave } from './leave.ts';
import { StartError } from './listening.ts';

// Set here and not by each of those who start this program: garbage is taken out in one go of 20 ms, where marking it little by
// little lets the heap grow to twice the size meanwhile, and the heap grows in small steps.
setFlagsFromString('--no-incremental-marking');
setFlagsFromString('--optimize-for-size');
setFlagsFromString('--semi-space-growth-factor=1');

/** Runs one command and returns the exit status. What a command needs is loaded by the command. */
async function main(args: readonly string[]): Promise<number> {
  const command = parseCommandLine(args);
  switch (command.name) {
    case 'wrong':
      process.stderr.write(`telemcp-node-agent: ${command.message}.\nTry telemcp-node-agent --help\n`);
      return 2;
    case 'version':
      process.stdout.write(`telemcp-node-agent ${VERSION}\n`);
      return 0;
    case 'help': {
      const { collectors } = await import('./collectors.ts');
      process.stdout.write(helpText(collectors));
      return 0;
    }
    case 'serve': {
      const config = await loadAgentSettings(command.settings);
      const { serve } = await import('./serve.ts');
      await serve(config);
      return 0;
    }
    case 'facts': {
      const config = await loadAgentSettings(command.settings);
      const { facts } = await import('./facts-command.ts');
      return facts(config, command, process.stdout);
    }
  }
}

try {
  await leave(await main(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof StartError)) throw error;
  process.stderr.write(`telemcp-node-agent: ${error.message}\n`);
  await leave(1);
}
