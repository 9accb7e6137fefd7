import assert from 'node:assert/strict';
import { test } from 'node:test';
import { from, parseHostPort, to } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { ForkedCallee, ScriptedPeer } from '@tandem/testing';
import type { OutgoingCall } from '@tandem/testing';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { until } from '../src/until.ts';

/** The caller acknowledges a reliable response in its dialog, and the callee the PRACK. */
async function acknowledge(
  a: OutgoingCall,
  callee: ForkedCallee,
  response: SipResponse,
): Promise<void> {
  a.dialog.confirm(response);
  const answer = a.request('PRACK', {
    headers: { RAck: `${response.headers.get('RSeq') ?? ''} 1 INVITE` },
  });
  const prack = await callee.receive('PRACK');
  assert.equal(prack.request.headers.get('RAck'), `${response.headers.get('RSeq') ?? ''} 1 INVITE`);
  prack.respond(200);
  const ok = await answer;
  assert.equal(ok.status, 200);
  assert.equal(to(ok).tag, to(response).tag);
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`CALL-06 T2-01 over ${transport}, three pods behind random packets: two callees, two dialogs, and a death in between`, async (context) => {
    const cluster = await startTestCluster({ pods: 3, layout: 'pod', seed: 5 });
    context.after(() => cluster.stop());
    const open = transport === 'udp' ? 'onUdp' : 'onTcp';
    const carrier = await ScriptedPeer[open]({ user: 'carrier', timeoutMs: 15_000 });
    const caller = await ScriptedPeer[open]({
      user: 'trunk',
      address: demo.trunkAddress,
      timeoutMs: 15_000,
    });
    context.after(() => Promise.all([carrier.close(), caller.close()]));
    const document = configuration(carrier.local.port, 1);
    document.routingGateways = document.routingGateways
      .slice(0, 1)
      .map((gateway) => ({ ...gateway, transport }));
    await cluster.configure(document);
    const sip = parseHostPort(cluster.shape.sip);
    assert.ok(sip !== undefined);

    for (const [number, isKilled] of [
      ['442079460001', false],
      ['442079460002', true],
    ] as const) {
      const a = caller.invite({
        to: { address: sip.host, port: sip.port ?? 5060 },
        called: number,
        headers: { Supported: '100rel' },
      });
      const b = await carrier.receiveCall();
      const one = new ForkedCallee(carrier, b, `one-${number}`);
      const two = new ForkedCallee(carrier, b, `two-${number}`);
      one.reliably(1);
      const first = await a.provisional(183);
      await acknowledge(a, one, first);
      two.reliably(1);
      const second = await a.provisional(183);
      assert.notEqual(to(second).tag, to(first).tag);
      await acknowledge(a, two, second);
      if (isKilled) await killOwner(cluster, first);
      // Repeated, as a callee does until its PRACK comes: a pod that is just dead may have got the first one.
      one.reliably(2);
      const repeating = setInterval(() => one.reliably(2), 1000);
      let third = await a.provisional(183);
      // RFC 3262 §4: a number that it has had is a repetition, which the caller drops.
      while (third.headers.get('RSeq') === '1') third = await a.provisional(183);
      clearInterval(repeating);
      assert.equal(to(third).tag, to(first).tag);
      assert.equal(third.headers.get('RSeq'), '2');
      await acknowledge(a, one, third);
      two.answer();
      const answering = setInterval(() => two.answer(), 1000);
      const answer = await a.answered();
      clearInterval(answering);
      assert.equal(to(answer).tag, to(second).tag);
      await until('the callee has its ACK', () => two.received('ACK').length > 0);
      one.answer();
      const late = setInterval(() => one.answer(), 1000);
      (await one.receive('BYE')).respond(200);
      clearInterval(late);
      const bye = two.request('BYE');
      const hungUp = await a.receive('BYE');
      assert.equal(from(hungUp.request).tag, to(second).tag);
      hungUp.respond(200);
      assert.equal((await bye).status, 200);
      const cdr = await cluster.api.cdrOf(a.callId);
      assert.equal(cdr.reason, 'NormalClearing');
    }
  });
}

/** The pod that has a call dies: the To tag of its first dialog names it (docs/edge.md §2). */
async function killOwner(
  { api, cluster }: Awaited<ReturnType<typeof startTestCluster>>,
  response: SipResponse,
): Promise<void> {
  const mark = Buffer.from((to(response).tag ?? '').slice(0, 28), 'base64url');
  const epoch = mark.readUIntBE(1, 3);
  const owner = (await api.pods()).find((pod) => pod.epoch === epoch);
  assert.ok(owner !== undefined);
  cluster.kill(owner.name);
}
