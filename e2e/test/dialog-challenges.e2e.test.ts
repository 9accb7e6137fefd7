import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ScriptedPeer, provesPassword } from '@tandem/testing';
import type { IncomingCall, IncomingRequest, OutgoingCall } from '@tandem/testing';
import { cseq } from '@tandem/sip';
import { configuration, demo } from '../src/configuration.ts';
import { startSwitch } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { layouts } from '../src/shape.ts';
import { until } from '../src/until.ts';

const credentials = { username: 'tandem-out', password: 'carrier-secret' } as const;
/** Numbers that lead to the carrier over each transport. */
const callees = { udp: '442079460000', tcp: '443079460000' } as const;
const transports = ['udp', 'tcp'] as const;
type Transport = (typeof transports)[number];

for (const layout of layouts) {
  describe(`a carrier that challenges in the dialog, ${layout}`, { timeout: 120_000 }, () => {
    let running: RunningSwitch | undefined;
    let caller: ScriptedPeer | undefined;
    const carriers = new Map<Transport, ScriptedPeer>();

    before(async () => {
      running = await startSwitch('real', { layout });
      const [udp = 0, tcp = 0] = await freePorts(2);
      const options = { user: 'carrier', timeoutMs: 10_000 };
      carriers.set('udp', await ScriptedPeer.onUdp({ ...options, port: udp }));
      carriers.set('tcp', await ScriptedPeer.onTcp({ ...options, port: tcp }));
      caller = await ScriptedPeer.onUdp({ address: demo.trunkAddress, timeoutMs: 10_000 });
      const document = configuration(udp, tcp);
      document.routingGateways = document.routingGateways.map((gateway, at) => {
        const transport = transports[at] ?? 'udp';
        const prefixes = [callees[transport].slice(0, 3)];
        return { ...gateway, ...credentials, transport, prefixes };
      });
      await running.configure(document);
    });
    after(async () => {
      await caller?.close();
      for (const carrier of carriers.values()) await carrier.close();
      await running?.stop();
    });

    for (const transport of transports) {
      test(`AUTH-11 T2-04 over ${transport}, hold and BYE are carried out there, the CDR says what was challenged, and no password shows`, async () => {
        const { api, a, b, port } = await called(transport);
        b.ring();
        b.answer();
        await a.answered();
        await b.ack();
        const hold = a.reinvite({ sdp: 'v=0\r\n' });
        const invite = await proven(b, 'INVITE');
        const contact = `<sip:carrier@127.0.0.1:${String(port)};transport=${transport}>`;
        invite.respond(200, { sdp: 'v=0\r\n', headers: { Contact: contact } });
        assert.equal((await hold).status, 200);
        assert.equal((await b.ack()).headers.get('CSeq'), '3 ACK');
        await hangUp(a, b);
        const cdr = await api.cdrOf(a.callId);
        assert.equal(cdr.code, 200);
        await until('the BYE is explained', async () => {
          const { text } = await api.explain(a.callId);
          assert.ok(!text.includes(credentials.password), text);
          return text.includes('challenged the INVITE') && text.includes('challenged the BYE');
        });
      });

      test(`AUTH-11 T2-04 over ${transport}, a carrier that refuses our password for the BYE: the call is over here, and explain says so`, async () => {
        const { api, a, b } = await called(transport);
        b.answer();
        await a.answered();
        await b.ack();
        const bye = a.bye();
        for (let round = 0; round < 2; round++) (await b.receive('BYE')).challenge({ status: 407 });
        assert.equal((await bye).status, 403);
        await until('the refusal is explained', async () => {
          const { text } = await api.explain(a.callId);
          return text.includes('the call was ended here all the same');
        });
        assert.equal(await api.callsInProgress(), 0);
      });
    }

    async function called(transport: Transport) {
      const carrier = carriers.get(transport);
      assert.ok(running !== undefined && caller !== undefined && carrier !== undefined);
      const a = caller.invite({ to: running.sip, called: callees[transport] });
      const b = await carrier.receiveCall();
      return { api: running.api, a, b, port: carrier.local.port };
    }
  });
}

/** The request once its challenge was answered. */
async function proven(b: IncomingCall, method: string): Promise<IncomingRequest> {
  const first = await b.receive(method);
  first.challenge({ status: 407, algorithm: 'SHA-256' });
  const second = await b.receive(method);
  assert.ok(provesPassword(second.request, credentials));
  assert.equal(cseq(second.request).number, cseq(first.request).number + 1);
  return second;
}

async function hangUp(a: OutgoingCall, b: IncomingCall): Promise<void> {
  const bye = a.bye();
  (await proven(b, 'BYE')).respond(200);
  assert.equal((await bye).status, 200);
}
