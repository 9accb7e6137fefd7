import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
// eslint-disable-next-line no-restricted-syntax -- Vite takes the default export.
export default {
  root: import.meta.dirname,
  plugins: [react(), compressed()],
  build: {
    outDir: 'dist',
    // A page's own styles come in files beside its script: nothing is put into the document (Content-Security-Policy).
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' },
  },
  server: {
    proxy: { '/api': process.env['TANDEM_API'] ?? 'http://127.0.0.1:8080' },
  },
};

/** Writes what is text a second and third time, as browsers take it: the api then compresses nothing. */
function compressed(): Plugin {
  let folder = '';
  return {
    name: 'tandem-compressed',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir);
    },
    closeBundle: async () => {
      const names = await readdir(folder, { recursive: true });
      const texts = names.filter((name) => /\.(js|css|svg)$/.test(name));
      await Promise.all(
        texts.map(async (name) => {
          const file = join(folder, name);
          const text = await readFile(file);
          await writeFile(`${file}.gz`, await promisify(gzip)(text, { level: 9 }));
          await writeFile(`${file}.br`, await promisify(brotliCompress)(text));
        }),
      );
    },
  };
}
