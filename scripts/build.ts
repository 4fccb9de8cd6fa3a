/**
 * `node scripts/build.ts <tier> [directory]`: the program of one tier in `<tier>/dist`, started by its `main.js`, that runs
 * on Node 24 without node_modules. What is never called is left out; what is loaded late, such as the reader of PKCS#12, is a
 * file of its own, so that a process that never needs it never holds it in memory.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { shippedFiles } from '../bridge/src/resources/shipped-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const [tier = '', directory = join(root, tier, 'dist')] = process.argv.slice(2);
if (tier !== 'node-agent' && tier !== 'bridge')
  throw new Error('usage: node scripts/build.ts node-agent|bridge [directory]');

/** zod brings its messages in every language it knows; only English is shown, and the others cost 2 MB of memory. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    })),
};

/** Of client-node only the credentials are used. What they import for API clients and connections of their own is never called: 6 MB less. */
const credentialsOnly: Plugin = {
  name: 'credentials-only',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(undici|\.\/gen\/index\.js|\.\/middleware\.js)$/ }, ({ importer }) =>
      /\/@kubernetes\/client-node\/dist\/config\.js$/.test(importer)
        ? { path: 'uncalled', namespace: 'credentials-only' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'credentials-only' }, () => ({
      contents: UNCALLED.map((name) => `export const ${name} = undefined;`).join('\n'),
    }));
  },
};
const UNCALLED = ['Agent', 'ProxyAgent', 'ServerConfiguration', 'createConfiguration', 'setHeaderMiddleware'];

/** The saved queries go into the bundle, which then needs no directory beside it. */
const savedQueriesInside: Plugin = {
  name: 'saved-queries-inside',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/resources\/shipped-files\.ts$/ }, () => ({
      contents: `export const shippedFiles = () => ${JSON.stringify(shippedFiles())};`,
    })),
};

// The names of the parts hold their hashes: those of an earlier build would stay for ever.
rmSync(join(directory, 'parts'), { recursive: true, force: true });
const built = await build({
  entryPoints: [join(root, tier, 'src/main.ts')],
  outdir: directory,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay, so that a stack trace can be read as it is.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  plugins: [englishOnly, credentialsOnly, savedQueriesInside],
  metafile: true,
  logLevel: 'warning',
  // dbus-next asks for these when a bus is reached through X11 or hands over file descriptors; we use neither.
  external: ['x11', 'usocket'],
  // Packages in CommonJS call require() for Node's own modules; an ES module has none.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
}).catch(() => {
  // esbuild has already said, file and line, what is wrong.
  process.exit(1);
});
for (const [path, { bytes }] of Object.entries(built.metafile.outputs)) {
  console.log(`${path} ${(bytes / 1024).toFixed(0)} KiB`);
}
