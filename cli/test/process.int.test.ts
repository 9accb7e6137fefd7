import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function tandem(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

async function openServer(context: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === 'Bearer secret-token';
    response.statusCode = isKnown ? 200 : 401;
    response.end(JSON.stringify(isKnown ? { accounts: [{ name: 'demo', balance: '100' }] } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test('OPS-01 the process finds API and token by the environment and exits by its result', async (context) => {
  const TANDEM_API = await openServer(context);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-cli-'));
  context.after(() => rm(folder, { recursive: true }));
  const TANDEM_TOKEN_FILE = join(folder, 'api-token');
  await writeFile(TANDEM_TOKEN_FILE, 'secret-token\n');
  const right = await tandem(['accounts', '--json'], { TANDEM_API, TANDEM_TOKEN_FILE });
  assert.deepEqual(right, { code: 0, stdout: '{"name":"demo","balance":"100"}\n', stderr: '' });
  await writeFile(TANDEM_TOKEN_FILE, 'other\n');
  assert.equal((await tandem(['accounts'], { TANDEM_API, TANDEM_TOKEN_FILE })).code, 4);
  const nobody = await tandem(['accounts'], {
    TANDEM_API: 'http://127.0.0.1:1',
    TANDEM_TOKEN_FILE,
  });
  assert.equal(nobody.code, 3);
  assert.match(nobody.stderr, /does not answer/);
});
