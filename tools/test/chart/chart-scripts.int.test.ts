import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chart } from './helm.ts';

/** What a program ended with; 0 where it was content. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    execFile(program, args, { env }, (error) => {
      resolve(error === null ? 0 : Number(error.code));
    });
  });
}

/** Serves `/readyz` as a front does. */
async function readinessOf(context: TestContext, status: () => number): Promise<number> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status() : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Runs await-neighbour.js as a front that is stopped does. */
async function awaitNeighbour(own: number, neighbour: number): Promise<void> {
  const script = await readFile(join(chart, 'files/await-neighbour.js'), 'utf8');
  const env = { POD_IP: '127.0.0.1', TANDEM_ADMIN_LISTEN: `127.0.0.1:${String(own)}` };
  assert.equal(await run(process.execPath, ['-e', script, String(neighbour), '0'], env), 0);
}

test('OPS-07 a front is not stopped before the other one of its node is ready', async (context) => {
  const answers = [503, 200, 503];
  const asked: number[] = [];
  const neighbour = await readinessOf(context, () => {
    asked.push(answers[asked.length] ?? 200);
    return asked.at(-1) ?? 200;
  });
  await awaitNeighbour(1, neighbour);
  assert.deepEqual(asked, [...answers, ...Array<number>(10).fill(200)]);
});

test('OPS-07 of two fronts that are stopped at once one goes on until the other is back', async (context) => {
  const isUp = [true, true];
  const events: string[] = [];
  const ports = await Promise.all(
    isUp.map((_up, front) => readinessOf(context, () => (isUp[front] === true ? 200 : 503))),
  );
  const [first = 0, second = 0] = ports;
  const stop = async (front: number, own: number, neighbour: number): Promise<void> => {
    await awaitNeighbour(own, neighbour);
    // Kubernetes stops it a moment later, and starts another one.
    await sleep(300);
    isUp[front] = false;
    events.push('gone');
    await sleep(1000);
    isUp[front] = true;
    events.push('back');
  };
  await Promise.all([stop(0, first, second), stop(1, second, first)]);
  assert.deepEqual(events, ['gone', 'back', 'gone', 'back']);
});

/** Runs apply-once.sh where `node` is a script that ends with these codes in turn, and says what it was asked to do. */
async function applyOnce(
  context: TestContext,
  codes: readonly number[],
): Promise<{ readonly code: number; readonly asked: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-chart-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, 'log');
  const cases = codes.map((code, index) => `${String(index + 1)}) exit ${String(code)} ;;`);
  const node = `#!/bin/sh\necho "$2" >>${log}\ncase $(wc -l <${log} | tr -d ' ') in ${cases.join(' ')} esac\nexit 99\n`;
  await writeFile(join(folder, 'node'), node);
  await chmod(join(folder, 'node'), 0o755);
  await writeFile(join(folder, 'sleep'), '#!/bin/sh\n');
  await chmod(join(folder, 'sleep'), 0o755);
  const script = await readFile(join(chart, 'files/apply-once.sh'), 'utf8');
  const code = await run('sh', ['-c', script], { PATH: `${folder}:/usr/bin:/bin` });
  return { code, asked: (await readFile(log, 'utf8')).trim().split('\n') };
}

test('OPS-07 the first configuration is applied where there is none, and nothing where there is one', async (context) => {
  const none = await applyOnce(context, [1, 0]);
  assert.deepEqual(none, { code: 0, asked: ['get', 'apply'] });
  const one = await applyOnce(context, [0]);
  assert.deepEqual(one, { code: 0, asked: ['get'] });
});

test('OPS-07 the first configuration waits for an API that does not answer yet, and fails at once where it is wrong', async (context) => {
  const late = await applyOnce(context, [3, 3, 3, 3, 1, 0]);
  assert.deepEqual(late, { code: 0, asked: ['get', 'apply', 'get', 'apply', 'get', 'apply'] });
  const wrong = await applyOnce(context, [1, 1]);
  assert.deepEqual(wrong, { code: 1, asked: ['get', 'apply'] });
});
