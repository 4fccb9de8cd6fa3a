import { FilesystemFacts } from '@telemcp/shared/facts/filesystems';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesystems } from '../node-agent/src/collectors/filesystems.ts';
import { os } from '../node-agent/src/collectors/os.ts';
import { FactError } from '../node-agent/src/fact-error.ts';
import { createHostRoot, type HostRoot } from '../node-agent/src/host-root.ts';
import { STORE_OPTIONS } from '../node-agent/test/sample-facts.ts';
import { brokenBus } from '../node-agent/test/scripted-bus.ts';
import { type DeadFilesystem, deadFilesystemUnavailable, mountDeadFilesystem } from './real/dead-filesystem.ts';

const unavailable = deadFilesystemUnavailable();
const isSkipped = unavailable !== null && process.env.TELEMCP_TEST_NO_SKIP === undefined;
const signal = new AbortController().signal;
const context = (host: HostRoot) => ({
  host,
  bus: brokenBus(new FactError('unreachable', 'no bus in this test')),
  settings: STORE_OPTIONS.settings,
  signal,
});

describe.skipIf(isSkipped)(`real file systems that hang${unavailable === null ? '' : ` (${unavailable})`}`, () => {
  const dead: DeadFilesystem[] = [];
  const root = createHostRoot('/', signal);
  /** FUSE is never asked; to be asked, and hang, they have to look like disks. */
  const host: HostRoot = {
    ...root,
    readText: async (path, options) => {
      const text = await root.readText(path, options);
      return path.endsWith('/mountinfo') ? text.replaceAll(' - fuse dead ', ' - ext4 /dev/dead ') : text;
    },
  };

  async function look() {
    const startedAt = performance.now();
    const found = await filesystems.collect(context(host));
    const rows = FilesystemFacts.parse(found.data).filesystems;
    const at = (path: string | undefined) => rows.find(({ mountPoint }) => mountPoint === path);
    return { at, elapsedMs: performance.now() - startedAt };
  }

  beforeAll(async () => {
    if (unavailable !== null) throw new Error(unavailable);
    for (let count = 0; count < 5; count += 1) dead.push(await mountDeadFilesystem());
  });
  afterAll(async () => {
    await Promise.all(dead.map((each) => each.remove()));
  });

  it('five of them cost a second and two threads, and everything else still answers', async () => {
    const first = await look();
    expect(first.elapsedMs).toBeLessThan(2500);
    const reasons = dead.map(({ path }) => first.at(path)?.reason).sort();
    expect(reasons).toEqual(['timeout', 'timeout', 'too_many', 'too_many', 'too_many']);
    expect(dead.every(({ path }) => first.at(path)?.status === 'timeout')).toBe(true);

    const again = await look();
    expect(again.elapsedMs).toBeLessThan(500);
    const startedAt = performance.now();
    const facts = await os.collect(context(root));
    expect(facts.data.kernel.release).toMatch(/^\d/);
    expect(performance.now() - startedAt).toBeLessThan(2500);
  });

  it('are asked again once their calls have returned', async () => {
    await Promise.all(dead.map((each) => each.abort()));
    await expect.poll(async () => (await look()).at('/')?.status).toBe('ok');
    const { at } = await look();
    // The server is gone for good, which is an error and no longer a wait.
    for (const { path } of dead) expect(at(path)).toMatchObject({ status: 'unavailable', reason: 'read_error' });
  });
});
