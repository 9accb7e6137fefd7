import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callAsPhone, callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { startSwitch } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { ways } from '../src/running-switch.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

// Where all services are one process, they die together with the store of the calls.
const ROUNDS = ways.includes('real') ? (['SIGKILL', 'SIGTERM'] as const) : [];

describe('the edge restarts', { timeout: 120_000 }, () => {
  for (const signal of ROUNDS) {
    test(`CALL-06 a call that is up survives ${signal}: BYE works, the CDR comes out`, async (t) => {
      const [first = 0, second = 0] = await freePorts(2);
      const carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
      t.after(() => carrier.stop());
      const running = await startSwitch('real');
      t.after(() => running.stop());
      await running.configure(configuration(first, second));
      const held = callAsTrunk(running, '442079460000', { pauseMs: 8000 });
      await until('the call is up', async () => (await running.api.callsInProgress()) === 1);
      await running.restart('edge', signal);
      const result = await held;
      assert.equal(result.successful, 1, result.output);
      const cdr = await running.api.cdrOf(sipCallId(result));
      assert.equal(cdr.price, demo.price);
      assert.equal(cdr.reason, 'NormalClearing');
      await until('no line is held', async () => (await running.api.linesHeld()) === 0);
      await until('the outbox is empty', async () => (await running.api.status()).outbox === 0);
      const next = await callAsPhone(running, '442079460000');
      assert.equal(finalResponse(next).status, 200, next.output);
    });
  }
});
