import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { callAsPhone, callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { configuration, demo } from '../src/configuration.ts';
import { startSwitch } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { type RunningSwitch, ways } from '../src/running-switch.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

// Where all services are one process, they die together with the store of the calls.
const ROUNDS = ways.includes('real') ? (['SIGKILL', 'SIGTERM'] as const) : [];

describe('the edge restarts', { timeout: 120_000 }, () => {
  let carrier: Carrier | undefined;
  let running: RunningSwitch | undefined;
  before(async () => {
    if (ROUNDS.length === 0) return;
    const [first = 0, second = 0] = await freePorts(2);
    carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
    running = await startSwitch('real');
    await running.configure(configuration(first, second));
  });
  after(async () => {
    await running?.stop();
    await carrier?.stop();
  });

  for (const signal of ROUNDS) {
    test(`CALL-06 a call that is up survives ${signal}: BYE works, the CDR comes out`, async () => {
      assert.ok(running !== undefined);
      const { api } = running;
      const held = callAsTrunk(running, '442079460000', { pauseMs: 8000 });
      await until('the call is up', async () => (await api.callsInProgress()) === 1);
      await running.restart('edge', signal);
      const result = await held;
      assert.equal(result.successful, 1, result.output);
      const cdr = await api.cdrOf(sipCallId(result));
      assert.equal(cdr.price, demo.price);
      assert.equal(cdr.reason, 'NormalClearing');
      await until('no line is held', async () => (await api.linesHeld()) === 0);
      await until('the outbox is empty', async () => (await api.status()).outbox === 0);
      const next = await callAsPhone(running, '442079460000');
      assert.equal(finalResponse(next).status, 200, next.output);
      await until('no call is in progress', async () => (await api.callsInProgress()) === 0);
    });
  }
});
