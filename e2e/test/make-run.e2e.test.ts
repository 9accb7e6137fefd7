import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { startAllinone } from '../src/allinone-switch.ts';
import { callAsPhone, callAsTrunk, finalResponse } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import { ManagedProcess } from '../src/managed-process.ts';
import { applyAndWait, ways, type RunningSwitch } from '../src/running-switch.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const CALLEE = '442079460000';
const rounds = ways.includes('allinone') ? ['make run'] : [];

for (const title of rounds) {
  describe(title, { timeout: 180_000 }, () => {
    test('OPS-01 the example is loaded at the first start', async (t) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'tandem-e2e-'));
      t.after(() => rm(dataDir, { recursive: true, force: true }));
      const running = await startAllinone({ dataDir });
      t.after(() => running.stop());
      const text = JSON.stringify(await running.api.get('/api/v1/configuration'));
      for (const name of ['demo', '1001', 'demo-trunk', 'carrier-a', 'carrier-b', '0.0123']) {
        assert.ok(text.includes(`"${name}"`), name);
      }
      assert.equal(await running.api.balance(demo.account), demo.openingBalance);

      await t.test('OPS-12 it prints a link that signs an administrator in once', async () => {
        const { output = '' } = running.processes.get('allinone') ?? {};
        const link = /Sign in +(http\S+)/.exec(output)?.[1] ?? '';
        const follow = () => fetch(link, { redirect: 'manual' });
        const entered = await follow();
        assert.deepEqual([entered.status, entered.headers.get('location')], [303, '/'], link);
        const cookie = entered.headers.getSetCookie().map((each) => each.split(';')[0]).join('; '); // prettier-ignore
        const session = await fetch(new URL('/api/v1/session', link), { headers: { cookie } });
        const { user } = (await session.json()) as { user: { name: string; role: string } };
        assert.deepEqual([user.name, user.role], ['admin', 'administrator']);
        const again = await follow();
        assert.equal(again.headers.get('location'), '/sign-in?problem=link-expired');
        await until('the sign-in is in the journal', async () => {
          const journal = await running.api.get('/api/v1/journal?kind=operator');
          return JSON.stringify(journal).includes('Operator admin signed in by one-time link');
        });
      });

      await t.test(
        'OPS-07 what helm test runs calls the carrier of a trial, and shows the CDR',
        async (inner) => {
          const { output, code } = await helmTest(running, dataDir, inner);
          assert.equal(code, 0, output);
          assert.match(output, /^network of .* udp 127\.0\.0\.1:\d+: /m);
          assert.match(
            output,
            /^call to 442079460000: .*"code":200.*"billedSeconds":60,"price":"0\.0123"/m,
          );
          assert.match(output, /^the switch takes calls$/m);
          await running.api.cdrCount(1);
        },
      );
    });

    test('OPS-01 Ctrl-C stops it cleanly, and it finds its data when it starts again', async (t) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'tandem-e2e-'));
      const [first = 0, second = 0] = await freePorts(2);
      const carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
      t.after(() => carrier.stop());
      const running = await startAllinone({ dataDir });
      t.after(() => running.stop());
      await running.configure(configuration(first, second));
      const call = await callAsPhone(running, CALLEE, { pauseMs: 1000 });
      assert.equal(finalResponse(call).status, 200, call.output);
      const before = await running.api.cdrCount(1);
      assert.equal((await stat(join(dataDir, 'api-token'))).mode & 0o777, 0o600);
      const process_ = running.processes.get('allinone');
      assert.equal(await process_?.stop({ signal: 'SIGINT' }), 0, process_?.output);

      const again = await startAllinone({ dataDir });
      t.after(() => again.stop());
      t.after(() => rm(dataDir, { recursive: true, force: true }));
      assert.deepEqual(await again.api.cdrs(), before);
      assert.equal(await again.api.balance(demo.account), '99.9877');
      const next = await callAsTrunk(again, CALLEE, { pauseMs: 1000 });
      assert.equal(finalResponse(next).status, 200, next.output);
      await again.api.cdrCount(2);
      assert.equal(await again.api.balance(demo.account), '99.9754');
    });
  });
}

/** What the pod of `helm test` does in a trial, with the document and the carrier of that. */
async function helmTest(running: RunningSwitch, dataDir: string, context: TestContext) {
  const start = (program: string, env: Readonly<Record<string, string>>): ManagedProcess =>
    new ManagedProcess({
      name: program,
      command: process.execPath,
      args: [`deploy/first-call/src/${program}.ts`],
      cwd: ROOT,
      env,
    });
  const [port = 0] = await freePorts(1);
  const carrier = start('carrier', { CARRIER_PORT: String(port) });
  context.after(() => carrier.stop());
  await carrier.line(/"carrier"/, 30_000);
  const document = await readFile(join(ROOT, 'charts/tandem/files/first-call.yaml'), 'utf8');
  await applyAndWait(
    running.api,
    parse(document.replace('CARRIER:5070', `127.0.0.1:${String(port)}`)) as object,
  );
  const passwordFile = join(dataDir, 'password');
  await writeFile(passwordFile, 'tandem-demo');
  const caller = start('main', {
    TANDEM_API: running.api.base,
    TANDEM_TOKEN_FILE: join(dataDir, 'api-token'),
    CALL_TARGET: `udp:${running.sip.address}:${String(running.sip.port)}`,
    CALL_NUMBER: CALLEE,
    CALL_USERNAME: '1001',
    CALL_PASSWORD_FILE: passwordFile,
  });
  const code = await caller.exit(60_000);
  return { code, output: caller.output };
}
