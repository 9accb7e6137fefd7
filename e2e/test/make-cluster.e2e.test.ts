import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { serviceNames } from '@tandem/config';
import { testPostgresUrl } from '@tandem/testing';
import { Client } from 'pg';
import type { ProcessLine } from '../src/cluster/cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePort, freePorts } from '../src/free-ports.ts';
import { ManagedProcess } from '../src/managed-process.ts';
import { applyAndWait } from '../src/running-switch.ts';
import { Carrier, placeCalls } from '../src/sipp.ts';
import { requireStores } from '../src/stores.ts';
import { SwitchApi } from '../src/switch-api.ts';
import { until } from '../src/until.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const READY = /tandem cluster ready sip=udp:([\d.]+):(\d+) api=(\S+)/;

/** What `make cluster` starts, on ports and in a folder of its own. */
interface Started {
  readonly manager: ManagedProcess;
  readonly sip: { readonly address: string; readonly port: number };
  readonly api: SwitchApi;
  lines(): readonly ProcessLine[];
}

async function startCluster(t: TestContext, env: Record<string, string>): Promise<Started> {
  await requireStores();
  const [sip = 0, api = 0] = await freePorts(2);
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-cluster-'));
  const manager = new ManagedProcess({
    name: 'cluster',
    command: process.execPath,
    args: ['e2e/src/cluster/main.ts'],
    cwd: REPOSITORY,
    env: {
      TANDEM_SIP_LISTEN: `127.0.0.1:${String(sip)}`,
      TANDEM_API_LISTEN: `127.0.0.1:${String(api)}`,
      TANDEM_DATA_DIR: dataDir,
      ...env,
    },
  });
  t.after(async () => {
    await manager.stop({ graceMs: 60_000 });
    await dropDatabase(await readFile(join(dataDir, 'cluster/id'), 'utf8'));
    await rm(dataDir, { recursive: true, force: true });
  });
  const ready = await manager.line(READY, 90_000);
  const token = (await readFile(join(dataDir, 'api-token'), 'utf8')).trim();
  return {
    manager,
    sip: { address: ready[1] ?? '', port: Number(ready[2]) },
    api: new SwitchApi(ready[3] ?? '', token),
    lines: () =>
      manager.output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as ProcessLine),
  };
}

async function dropDatabase(id: string): Promise<void> {
  const client = new Client({ connectionString: testPostgresUrl() });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS tandem_cluster_${id.trim()} WITH (FORCE)`);
  await client.end();
}

function isAlive(pid: number): Promise<boolean> {
  return readFile(`/proc/${String(pid)}/stat`, 'utf8').then(
    (stat) => !stat.includes(') Z '),
    () => false,
  );
}

/** One call through the cluster. */
async function call({ sip }: Started): Promise<number> {
  const { successful } = await placeCalls({
    scenario: 'caller-digest',
    username: demo.phone,
    password: demo.password,
    caller: demo.phone,
    callee: '442079460000',
    port: await freePort(),
    target: sip,
    timeoutMs: 20_000,
  });
  return successful;
}

describe('make cluster', { timeout: 240_000 }, () => {
  for (const [mode, shape, inner, edge] of [
    ['random', 'pod', ['api', 'billing', 'journal'], 'pod'],
    ['front', 'split', serviceNames.filter((name) => name !== 'edge'), 'edge'],
  ] as const) {
    test(`OPS-07 every process is a line; a killed edge comes back within a second; Ctrl-C leaves nothing (${mode}, ${shape})`, async (t) => {
      const started = await startCluster(t, { SHAPE: shape, PODS: '2', MODE: mode });
      const gates = mode === 'front' ? ['front-1', 'front-2'] : ['distributor'];
      const second = `${edge}-2`;
      const names = [...inner, `${edge}-1`, second, ...gates].sort();
      assert.deepEqual(
        started
          .lines()
          .map(({ name }) => name)
          .sort(),
        names,
      );
      for (const { admin } of started.lines()) {
        assert.equal((await fetch(`${admin}/readyz`)).status, 200, admin);
      }
      const text = JSON.stringify(await started.api.get('/api/v1/configuration'));
      assert.ok(text.includes('"demo-trunk"'), 'the example is loaded');

      const [carrierA = 0, carrierB = 0] = await freePorts(2);
      const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierA });
      t.after(() => carrier.stop());
      await applyAndWait(started.api, configuration(carrierA, carrierB));
      assert.equal(await call(started), 1);

      const before = started.lines().find(({ name }) => name === second);
      assert.ok(before !== undefined);
      process.kill(before.pid, 'SIGKILL');
      const after = await until(
        `${second} is started again`,
        () => started.lines().find(({ name, pid }) => name === second && pid !== before.pid),
        { timeoutMs: 1000, everyMs: 10 },
      );
      assert.deepEqual({ ...after, pid: 0 }, { ...before, pid: 0 });
      assert.equal(await call(started), 1);
      await until('it is ready', async () => (await fetch(`${after.admin}/readyz`)).ok);

      const pids = started.lines().map(({ pid }) => pid);
      assert.equal(await started.manager.stop({ signal: 'SIGINT', graceMs: 60_000 }), 0);
      for (const pid of pids) assert.equal(await isAlive(pid), false, String(pid));
    });
  }

  test('OPS-07 nothing stays behind where the cluster itself is killed', async (t) => {
    const started = await startCluster(t, { PODS: '1' });
    const pids = started.lines().map(({ pid }) => pid);
    started.manager.signal('SIGKILL');
    for (const pid of pids) {
      await until(`process ${String(pid)} ends`, async () => !(await isAlive(pid)));
    }
  });
});
