import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ScriptedPeer, provesPassword } from '@tandem/testing';
import type { IncomingCall, IncomingRequest, OutgoingCall } from '@tandem/testing';
import { cseq } from '@tandem/sip';
import { configuration, demo } from '../src/configuration.ts';
import { startSwitch } from '../src/each-way.ts';
import { freePort } from '../src/free-ports.ts';
import type { RunningSwitch } from '../src/running-switch.ts';
import { layouts } from '../src/shape.ts';
import { until } from '../src/until.ts';

const credentials = { username: 'tandem-out', password: 'carrier-secret' } as const;
const CALLEE = '442079460000';

for (const layout of layouts) {
  for (const transport of ['udp', 'tcp'] as const) {
    describe(
      `a carrier that challenges in the dialog over ${transport}, ${layout}`,
      { timeout: 120_000 },
      () => {
        let running: RunningSwitch | undefined;
        let caller: ScriptedPeer | undefined;
        let carrier: ScriptedPeer | undefined;

        before(async () => {
          running = await startSwitch('real', { layout });
          const port = await freePort();
          const options = { user: 'carrier', timeoutMs: 10_000, port };
          carrier = await (transport === 'tcp'
            ? ScriptedPeer.onTcp(options)
            : ScriptedPeer.onUdp(options));
          caller = await ScriptedPeer.onUdp({ address: demo.trunkAddress, timeoutMs: 10_000 });
          const document = configuration(port, await freePort());
          Object.assign(document.routingGateways[0] ?? {}, { ...credentials, transport });
          await running.configure(document);
        });
        after(async () => {
          await caller?.close();
          await carrier?.close();
          await running?.stop();
        });

        test('AUTH-11 T2-04 hold and BYE are carried out there, the CDR says what was challenged, and no password shows', async () => {
          assert.ok(running !== undefined && caller !== undefined && carrier !== undefined);
          const a = caller.invite({ to: running.sip, called: CALLEE });
          const b = await carrier.receiveCall();
          b.ring();
          b.answer();
          await a.answered();
          await b.ack();
          const hold = a.reinvite({ sdp: 'v=0\r\n' });
          const invite = await proven(b, 'INVITE');
          const contact = `<sip:carrier@127.0.0.1:${String(carrier.local.port)};transport=${transport}>`;
          invite.respond(200, { sdp: 'v=0\r\n', headers: { Contact: contact } });
          assert.equal((await hold).status, 200);
          assert.equal((await b.ack()).headers.get('CSeq'), '3 ACK');
          await hangUp(a, b);
          const { api } = running;
          const cdr = await api.cdrOf(a.callId);
          assert.equal(cdr.code, 200);
          await until('the BYE is explained', async () => {
            const { text } = await api.explain(a.callId);
            assert.ok(!text.includes(credentials.password), text);
            return text.includes('challenged the INVITE') && text.includes('challenged the BYE');
          });
        });

        test('AUTH-11 T2-04 a carrier that refuses our password for the BYE: the call is over here, and explain says so', async () => {
          assert.ok(running !== undefined && caller !== undefined && carrier !== undefined);
          const a = caller.invite({ to: running.sip, called: CALLEE });
          const b = await carrier.receiveCall();
          b.answer();
          await a.answered();
          await b.ack();
          const bye = a.bye();
          for (let round = 0; round < 2; round++)
            (await b.receive('BYE')).challenge({ status: 407 });
          assert.equal((await bye).status, 403);
          const { api } = running;
          await until('the refusal is explained', async () => {
            const { text } = await api.explain(a.callId);
            return text.includes('the call was ended here all the same');
          });
          assert.equal(await api.callsInProgress(), 0);
        });
      },
    );
  }
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
