/**
 * `node scripts/build.ts <tier> [directory]`: the program of one tier in `<tier>/dist`, started by its `main.js`, that runs
 * on Node 24 without node_modules. What is never called is left out; what is loaded late, such as the reader of PKCS#12, is a
 * file of its own, so that a process that never needs it never holds it in memory.
 */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, transform } from 'esbuild';
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

/**
 * Parts of Node that are loaded by the first use of one of their exports instead of at start. `import` of `node:http` reads
 * every export once, and one of those loads a whole fetch client, 14 MB; fastify asks for HTTP/2 and TLS also where neither is
 * spoken, 10 MB.
 */
const onDemand: Plugin = {
  name: 'on-demand',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'on-demand';
    onResolve({ filter: /^node:(http|https|http2|tls)$/ }, ({ path, importer }) =>
      importer === path ? { path, external: true } : { path, namespace },
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = {${Object.keys(createRequire(import.meta.url)(path))
        .map((name) => `get ${name}() { return require('${path}').${name}; }`)
        .join(',')}};`,
    }));
  },
};

/**
 * Replaces what fastify brings for routes with JSON schemas, and for requests without a socket. We have neither: it would be a
 * third of the agent's code, all of it held in memory.
 */
const leftOut: Plugin = {
  name: 'left-out',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'left-out';
    const filter = /^(@fastify\/ajv-compiler|@fastify\/fast-json-stringify-compiler|light-my-request)$/;
    onResolve({ filter }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = () => () => { throw new Error('${path} is not in this bundle: see scripts/build.ts'); };`,
    }));
  },
};

/** Short names within what others wrote: no stack trace needs those, and V8 holds the text of all code in memory. */
const shortNames: Plugin = {
  name: 'short-names',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await transform(await readFile(path, 'utf8'), { minifyIdentifiers: true })).code,
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
  plugins: [englishOnly, credentialsOnly, savedQueriesInside, onDemand, leftOut, shortNames],
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
