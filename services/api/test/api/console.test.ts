import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { isForPage, secureHeaders, sendConsole, serveConsole } from '../../src/api/console.ts';

const root = mkdtempSync(join(tmpdir(), 'tandem-console-'));
const folder = join(root, 'dist');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(root, 'secret-key'), 'not for browsers');
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Tandem</title>');
writeFileSync(join(folder, 'assets/index-abc.js'), 'export {};');
writeFileSync(join(folder, 'assets/index-abc.js.gz'), gzipSync('export {};'));

describe('OPS-01 the console', () => {
  after(() => {
    rmSync(root, { recursive: true });
  });

  async function served() {
    const app = Fastify();
    await secureHeaders(app);
    assert.equal(await serveConsole(app, folder), true);
    app.setNotFoundHandler((request, reply) =>
      isForPage(request) ? sendConsole(reply) : reply.code(404).send('nothing'),
    );
    return app;
  }

  test('OPS-01 is one document for every page of it, and never for the API', async () => {
    const app = await served();
    const html = { accept: 'text/html,*/*' };
    for (const url of ['/', '/cdrs?from=1h', '/configuration/phones/1001']) {
      const answer = await app.inject({ url, headers: html });
      assert.equal(answer.statusCode, 200, url);
      assert.match(answer.payload, /<title>Tandem/, url);
      assert.equal(answer.headers['cache-control'], 'no-cache', url);
    }
    for (const url of ['/api/v1/nothing', '/assets/index-old.js', '/healthz2']) {
      assert.equal((await app.inject({ url, headers: html })).statusCode, 404, url);
    }
    assert.equal((await app.inject({ url: '/cdrs' })).statusCode, 404, 'a program is told');
    assert.equal(
      (await app.inject({ method: 'POST', url: '/cdrs', headers: html })).statusCode,
      404,
    );
  });

  test('OPS-01 allows scripts and styles of its own alone, and no frame', async () => {
    const { headers } = await (
      await served()
    ).inject({ url: '/', headers: { accept: 'text/html' } });
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.match(policy, /style-src 'self'(;|$)/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  test('OPS-01 keeps files whose names say what is in them, compressed where that is taken', async () => {
    const answer = await (
      await served()
    ).inject({
      url: '/assets/index-abc.js',
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.match(String(answer.headers['cache-control']), /immutable/);
    assert.equal(answer.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(answer.rawPayload).toString(), 'export {};');
  });

  for (const url of [
    '/../secret-key',
    '/%2e%2e/secret-key',
    '/assets/..%2f..%2fsecret-key',
    '/assets/%2e%2e/%2e%2e/secret-key',
    '/..%5csecret-key',
    '//secret-key',
  ]) {
    test(`OPS-01 gives nothing beside its folder: ${url}`, async () => {
      const answer = await (await served()).inject({ url });
      assert.notEqual(answer.statusCode, 200);
      assert.doesNotMatch(answer.payload, /not for browsers/);
    });
  }

  test('OPS-01 is not served where it was not built', async () => {
    assert.equal(await serveConsole(Fastify(), join(root, 'nothing')), false);
  });
});
