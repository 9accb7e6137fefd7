import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openTokenFile } from '../../src/adapters/token-file.ts';

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tandem-token-'));
  context.after(() => rm(path, { recursive: true }));
  return join(path, 'data');
}

test('OPS-01 the token is made at the first start and only its owner can read it', async (context) => {
  const dataDir = await folder(context);
  const check = await openTokenFile(dataDir);
  assert.equal(check.path, join(dataDir, 'api-token'));
  assert.equal((await stat(check.path)).mode & 0o777, 0o600);
  const token = (await readFile(check.path, 'utf8')).trim();
  assert.match(token, /^tandem_[\w-]{43}$/);
  assert.ok(check.isRight(token));
  for (const wrong of ['', token.slice(1), `${token}x`]) assert.ok(!check.isRight(wrong));
});

test('OPS-01 the token is the same after a restart, also for two that start at once', async (context) => {
  const dataDir = await folder(context);
  const both = await Promise.all([openTokenFile(dataDir), openTokenFile(dataDir)]);
  const token = (await readFile(both[0].path, 'utf8')).trim();
  for (const check of [...both, await openTokenFile(dataDir)]) assert.ok(check.isRight(token));
});

test('OPS-01 a token file without a token is refused with what to do', async (context) => {
  const dataDir = await folder(context);
  const { path } = await openTokenFile(dataDir);
  await writeFile(path, 'short\n');
  await assert.rejects(openTokenFile(dataDir), /holds no token: remove it/);
});
