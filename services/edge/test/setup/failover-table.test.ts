import assert from 'node:assert/strict';
import test from 'node:test';
import type { CallEvent } from '@tandem/proto/events';
import type { Candidate, Routed } from '@tandem/proto/routing';
import type { IncomingCall } from '@tandem/testing';
import { routedTo } from '../support/call-samples.ts';
import { EdgeBench } from '../support/edge-bench.ts';

/** What a gateway does: nothing at all, 503, busy, or it answers. */
const gateways = ['dead', '503', 'busy', 'good'] as const;
type Kind = (typeof gateways)[number];

const INVITE_SECONDS = 10;

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((first, at) => {
    const others = [...all.slice(0, at), ...all.slice(at + 1)];
    return permutations(others).map((rest) => [first, ...rest]);
  });
}

/** As plain as can be: which attempts there are, in which second each begins, and what the caller hears. */
function expected(order: readonly Kind[]) {
  const attempts: [code: number, reason: string, second: number][] = [];
  let second = 0;
  for (const kind of order) {
    if (kind === 'dead') {
      attempts.push([408, 'InviteTimeout', second]);
      second += INVITE_SECONDS;
    } else if (kind === '503') attempts.push([503, 'Rejected', second]);
    else {
      attempts.push(kind === 'busy' ? [486, 'Rejected', second] : [200, '', second]);
      return { attempts, final: kind === 'busy' ? 486 : 200 };
    }
  }
  throw new Error('one of them ends it');
}

function answerAs(kind: Kind, call: IncomingCall): void {
  if (kind === '503') call.refuse(503);
  else if (kind === 'busy') call.refuse(486);
  else if (kind === 'good') call.answer();
}

/** What was decided about going on, as `CODE CAUSE`; + where it went on. */
function failoverOf(event: CallEvent | undefined): string[] {
  return (event?.decisions ?? []).flatMap(({ check, facts }) => {
    if (check !== 'failover') return [];
    const values = Object.fromEntries(facts.map(({ name, value }) => [name, value]));
    return [`${values['code'] ?? ''} ${values['cause'] ?? '+'}`];
  });
}

for (const order of permutations(gateways)) {
  test(`ROUTE-06 ROUTE-17 ${order.join(', ')}: the attempts, codes, times and decisions that there should be`, async () => {
    const bench = new EdgeBench({ carriers: [{}, {}, {}, {}] });
    const startedMs = bench.clock.now();
    const { attempts, final } = expected(order);
    const a = bench.call();
    for (const [at, kind] of order.slice(0, attempts.length).entries()) {
      answerAs(kind, await bench.incoming(at));
    }
    if (final === 200) await bench.until(a.answered());
    else assert.equal((await bench.until(a.final())).status, final);
    await bench.settle(2000);
    const [event] = bench.events;
    assert.deepEqual(
      event?.attempts.map(({ code, gateway, reason, startedMs: atMs }) => [
        gateway,
        [code, reason, Math.round((atMs - startedMs) / 1000)],
      ]),
      attempts.map((attempt, at) => [`carrier-${'abcd'[at] ?? ''}`, attempt]),
    );
    const failed = attempts.filter(([code]) => code !== 200);
    assert.deepEqual(
      failoverOf(event),
      failed.map(([code]) => `${String(code)} ${code === 486 ? 'stop-code' : '+'}`),
    );
    if (final === 486) {
      assert.deepEqual(bench.told, ['ended Rejected 486 callee']);
      assert.equal(await bench.heldLines(), 0);
    }
    await bench.close();
  });
}

/** A call whose first carrier does what `fails` has it do; the second one, if it is asked, is good. */
async function outcome(
  settings: {
    readonly first?: Partial<Candidate>;
    readonly routed?: Partial<Routed>;
    readonly isAlone?: boolean;
  },
  fails: (call: IncomingCall, bench: EdgeBench) => unknown,
): Promise<readonly [status: number, decisions: readonly string[]]> {
  const { first = {}, isAlone = false, routed = {} } = settings;
  const bench = new EdgeBench({ carriers: isAlone ? [first] : [first, {}] });
  bench.route = () => Promise.resolve(routedTo(bench.candidates, routed));
  const a = bench.call();
  fails(await bench.incoming(0), bench);
  const isOver = bench.until(a.final());
  if (!isAlone) {
    void bench.carrierAt(1).receiveCall().then((call) => call.answer(), () => undefined); // prettier-ignore
  }
  const { status } = await isOver;
  await bench.settle(2000);
  const decisions = failoverOf(bench.events[0]);
  await bench.close();
  return [status, decisions];
}

test('ROUTE-06 ROUTE-17 what ends the search is told, each cause as such', async () => {
  const refuse = (status: number) => (call: IncomingCall) => call.refuse(status);
  const early = (call: IncomingCall): void => {
    call.progress();
    call.refuse(503);
  };
  assert.deepEqual(await outcome({}, refuse(503)), [200, ['503 +']]);
  assert.deepEqual(await outcome({}, refuse(486)), [486, ['486 stop-code']]);
  assert.deepEqual(await outcome({ first: { stopCodes: [404] } }, refuse(486)), [200, ['486 +']]);
  assert.deepEqual(await outcome({ first: { stopCodes: [404] } }, refuse(404)), [404, ['404 stop-code']]); // prettier-ignore
  const off = { first: { switchUntilConnect: false } };
  assert.deepEqual(await outcome(off, refuse(503)), [500, ['503 switch-until-connect']]);
  assert.deepEqual(await outcome({ routed: { attemptLimit: 1 } }, refuse(503)), [500, ['503 switch-limit']]); // prettier-ignore
  assert.deepEqual(await outcome({ routed: { attemptLimit: 2 } }, refuse(503)), [200, ['503 +']]);
  assert.deepEqual(await outcome({}, early), [500, ['503 early-media']]);
  assert.deepEqual(await outcome({ routed: { stopSwitchAfterSdp: false } }, early), [200, ['503 +']]); // prettier-ignore
  assert.deepEqual(await outcome({ isAlone: true }, refuse(500)), [500, ['500 candidates-used-up']]); // prettier-ignore
  assert.deepEqual(await outcome({}, refuse(422)), [422, ['422 session-interval']]);
});

test('ROUTE-06 DENY-14 the last of two silent gateways: the candidates are used up', async () => {
  const bench = new EdgeBench();
  const a = bench.call();
  assert.equal((await bench.until(a.final())).status, 408);
  await bench.settle(2000);
  assert.deepEqual(failoverOf(bench.events[0]), ['408 +', '408 candidates-used-up']);
  await bench.close();
});
