import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProcessResources, createLogger } from '@tandem/service';
import { eventually, freeTcpPort, freeUdpPort, largeConfiguration } from '@tandem/testing';
import { createAllInOneApp } from '../src/app.ts';

const SIZE = { gateways: 500, prefixes: 20_000, phones: 10_000 };
const ROUNDS = 6;
/** Some 15 s on a machine that does nothing else. */
const TIMEOUT_MS = 240_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test(
  'ROUTE-13 a configuration that was replaced is let go of, by every service',
  { timeout: TIMEOUT_MS },
  async (context) => {
    const theSwitch = await startSwitch(context);
    const small = await readFile(example, 'utf8');
    const apply = async (text: string, query = '') => {
      await theSwitch.apply(text, query);
      return heldBytes();
    };
    // What is loaded and compiled once is there after the first of each.
    await apply(largeConfiguration(SIZE, 1));
    const large = (await theSwitch.read()).replaceAll('********', 'secret');
    const before = await apply(small, '?allowRemoval=1000000');
    const held: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      held.push(await apply(large.replaceAll('"priority":1,', `"priority":${String(2 + round)},`)));
    }
    const after = await apply(small, '?allowRemoval=1000000');
    const [first = 0] = held;
    const last = held.at(-1) ?? 0;
    const tables = first - before;
    const told = [before, ...held, after].map((bytes) => (bytes / 1e6).toFixed(1)).join(' ');
    context.diagnostic(`MB held: ${told}`);
    assert.ok(tables > 2e6, `the tables are large enough to be told from noise: ${told}`);
    // One version more that is kept would be as much as the tables.
    assert.ok(last - first < tables / 2, `grows from version to version, MB: ${told}`);
    assert.ok(after - before < tables / 2, `holds large ones after small ones, MB: ${told}`);
  },
);

const example = new URL('../../../examples/first-call.yaml', import.meta.url);

async function startSwitch(context: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-leak-'));
  context.after(() => rm(dataDir, { recursive: true, force: true }));
  let inEffect = 0;
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const [, version] of chunk
        .toString()
        .matchAll(/"version":(\d+),"gateways":.*routing tables in effect/g)) {
        inEffect = Number(version);
      }
      done();
    },
  });
  const apiListen = `127.0.0.1:${String(await freeTcpPort())}`;
  const logger = createLogger('tandem', { level: 'info', destination });
  const shared = new ProcessResources('tandem', logger);
  const app = createAllInOneApp(
    {
      sip: [{ transport: 'udp', address: '127.0.0.1', port: await freeUdpPort() }],
      apiListen,
      dataDir,
      example: example.pathname,
    },
    { logger, shared, loggerOf: () => logger },
  );
  await app.start();
  context.after(async () => {
    await app.stop();
    await shared.close();
  });
  const token = (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
  const url = `http://${apiListen}/api/v1/configuration`;
  const authorization = `Bearer ${token}`;
  const put = async (body: string, query: string) => {
    const type = body.startsWith('{') ? 'application/json' : 'application/yaml';
    const headers = { authorization, 'content-type': type };
    const answer = await fetch(`${url}${query}`, { method: 'PUT', headers, body });
    const result = (await answer.json()) as { version: number };
    assert.equal(answer.status, 200, JSON.stringify(result));
    return result.version;
  };
  const read = async () => (await fetch(url, { headers: { authorization } })).text();
  return {
    read,
    /** Applies a document, reads and compares it, and waits until calls go by it. */
    apply: async (body: string, query: string) => {
      const version = await put(body, query);
      await eventually('the version in effect', () => inEffect === version);
      await put(await read(), '?dryRun=true');
    },
  };
}

/** The least of several collections: what is on its way, such as an answer that was read, is gone by one of them. */
async function heldBytes(): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 6; round++) {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return least;
}
