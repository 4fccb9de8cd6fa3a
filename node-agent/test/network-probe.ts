import { network } from '../src/collectors/network.ts';
import { createHostRoot } from '../src/host-root.ts';
import { STORE_OPTIONS, silentBus } from './sample-facts.ts';

// Run as a program of its own, in a network namespace that is not the host's: prints what the collector finds there.
const { signal } = new AbortController();
const host = createHostRoot('/', signal);
const { data } = await network.collect({ host, bus: silentBus, settings: STORE_OPTIONS.settings, signal });
process.stdout.write(JSON.stringify(data));
