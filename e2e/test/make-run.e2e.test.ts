import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startAllinone } from '../src/allinone-switch.ts';
import { callAsPhone, callAsTrunk, finalResponse } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import { ways } from '../src/running-switch.ts';
import { Carrier } from '../src/sipp.ts';

const CALLEE = '442079460000';
const rounds = ways.includes('allinone') ? ['make run'] : [];

for (const title of rounds) {
  describe(title, { timeout: 180_000 }, () => {
    test('OPS-01 the example is loaded at the first start', async (t) => {
      const running = await startAllinone();
      t.after(() => running.stop());
      const text = JSON.stringify(await running.api.get('/api/v1/configuration'));
      for (const name of ['demo', '1001', 'demo-trunk', 'carrier-a', 'carrier-b', '0.0123']) {
        assert.ok(text.includes(`"${name}"`), name);
      }
      assert.equal(await running.api.balance(demo.account), demo.openingBalance);
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
