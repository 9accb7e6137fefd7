import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire, isBuiltin, stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const PAGE = join(import.meta.dirname, 'page');

/** Serves what the page of a web phone loads, without a bundler: our files as they are, and both libraries. */
export async function servePage(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const library = bundled('jssip', require.resolve('jssip'));
  const sipjs = dirname(require.resolve('sip.js'));
  const answerTo = (path: string): { type: string; text: string } => {
    if (path === '/') return { type: 'text/html', text: document };
    const script = (text: string) => ({ type: 'text/javascript', text });
    if (path === '/jssip.js') return script(library);
    if (path.startsWith('/sip.js/')) return script(read(join(sipjs, path.slice(8))));
    return script(stripTypeScriptTypes(read(join(PAGE, path))));
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    try {
      const { type, text } = answerTo(path);
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const document = `<!doctype html><title>phone</title><script src="/jssip.js"></script>
<script type="module">import { start } from '/main.ts';
globalThis.sipjs = () => import('/sip.js/index.js'); globalThis.start = start;</script>`;

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

/** A CommonJS package with all that it requires as one script, which leaves its exports as a global function of its name. */
function bundled(name: string, entry: string): string {
  const modules = new Map<string, string>();
  const collect = (file: string): void => {
    if (modules.has(file)) return;
    modules.set(file, '');
    const text = read(file);
    if (file.endsWith('.json')) {
      modules.set(file, `module.exports = ${text}`);
      return;
    }
    const from = createRequire(file);
    const told = text.replaceAll(/\brequire\((['"])([^'"]+)\1\)/g, (_, __, wanted: string) => {
      const found = resolved(from, wanted);
      collect(found);
      return `require(${JSON.stringify(found)})`;
    });
    modules.set(file, told);
  };
  collect(entry);
  const table = [...modules].map(
    ([file, text]) => `${JSON.stringify(file)}: (module, exports, require) => {${text}\n}`,
  );
  return `globalThis[${JSON.stringify(name)}] = () => {
const table = {${table.join(',\n')}};
const loaded = {};
const require = (file) => {
  if (loaded[file] === undefined) {
    const module = (loaded[file] = { exports: {} });
    table[file](module, module.exports, require);
  }
  return loaded[file].exports;
};
return require(${JSON.stringify(entry)});
};`;
}

/** What a browser is to have: a package of a name that Node has too, and what a package names for browsers. */
function resolved(from: NodeJS.Require, wanted: string): string {
  if (isBuiltin(wanted)) return from.resolve(`${wanted}/`);
  const found = from.resolve(wanted);
  if (wanted.startsWith('.')) return found;
  const folder = `node_modules/${wanted}/`;
  const root = found.slice(0, found.lastIndexOf(folder) + folder.length);
  const { browser } = JSON.parse(read(join(root, 'package.json'))) as { browser?: unknown };
  return typeof browser === 'string' ? join(root, browser) : found;
}
