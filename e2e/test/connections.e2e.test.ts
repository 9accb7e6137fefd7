import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScriptedPeer, TlsFiles, sdpBody } from '@tandem/testing';
import type { IncomingCall, OutgoingCall } from '@tandem/testing';
import type { Endpoint, SipResponse } from '@tandem/sip';
import { Baresip } from '../src/baresip.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { carrier as carrierOf, configuration, demo } from '../src/configuration.ts';
import { freePorts } from '../src/free-ports.ts';
import { layouts } from '../src/shape.ts';
import { until } from '../src/until.ts';

const PBX = '127.0.0.3';
/** Beginning of the numbers that go to the carrier without TLS. */
const PLAIN = '447700';
/** The number that goes to the gateway that is a baresip. */
const OTHER = '447911123456';
const SEEN_MS = 200;
const TIMEOUT_MS = 10_000;

interface Pair {
  readonly caller: ScriptedPeer;
  readonly to: Endpoint;
  readonly called: string;
  readonly callee: ScriptedPeer;
}

for (const layout of layouts) {
  test(`CALL-02 TLS to TLS, between baresips too, and WebSocket to UDP (${layout}): either side speaks and hangs up, also when the front with the connection was killed`, async (t) => {
    const [tlsPort = 0, wsPort = 0] = await freePorts(2);
    const files = new TlsFiles(t);
    const own = files.write('own', files.issue({ domains: ['edge.example'] }));
    const cluster = await startTestCluster({
      layout,
      pods: 2,
      mode: 'front',
      isRespawning: false,
      connections: [`tls:127.0.0.1:${String(tlsPort)}`, `ws:127.0.0.1:${String(wsPort)}`],
      env: { TANDEM_SIP_TLS_CERTIFICATES: own, TANDEM_SIP_TLS_CA: files.caFile },
    });
    t.after(() => cluster.stop());
    const timeoutMs = TIMEOUT_MS;
    const overTls = (user: string, address: string) => {
      const { pem: certificate, keyPem: key } = files.issue({ domains: [`${user}.example`] });
      const tls = { certificates: [{ certificate, key }], ca: files.ca.pem };
      return ScriptedPeer.onTls({ user, address, tls, certificate: 'edge.example', timeoutMs });
    };
    const pbx = await overTls('pbx', PBX);
    const secure = await overTls('carrier', '127.0.0.1');
    const plain = await ScriptedPeer.onUdp({ user: 'plain', timeoutMs });
    const browser = await ScriptedPeer.onWebSocket({
      user: demo.phone,
      credentials: { username: demo.phone, password: demo.password },
      url: `ws://127.0.0.1:${String(wsPort)}/`,
      timeoutMs,
    });
    t.after(() => Promise.all([pbx, secure, plain, browser].map((peer) => peer.close())));
    const tls = { address: '127.0.0.1', port: tlsPort };
    /** A gateway that others make; each shows its certificate, and wants that of the other. */
    const gateway = (user: string, more: { readonly password?: string } = {}) => {
      const { pem, keyPem } = files.issue({ domains: [`${user}.example`] });
      const certificateFile = files.put(`${user}.pem`, pem + keyPem);
      const { caFile } = files;
      const transport = 'tls';
      return Baresip.start({ user, transport, certificateFile, caFile, outbound: tls, ...more });
    };
    const { password } = demo;
    const [office, other] = await Promise.all([gateway('office', { password }), gateway(OTHER)]);
    t.after(() => Promise.all([office.stop(), other.stop()]));
    const document = configuration(plain.local.port, plain.local.port);
    const trunk = {
      account: demo.account,
      authentication: { mode: 'ip', addresses: [`${PBX}/32`] },
    };
    const authentication = { mode: 'password', username: 'office', password };
    document.mappingGateways = [
      { name: 'pbx', ...trunk, certificateNames: ['pbx.example'] },
      { ...trunk, name: 'office', authentication, certificateNames: ['office.example'] },
    ];
    const over = (
      name: string,
      priority: number,
      { port, domain }: { port: number; domain: string },
    ) => ({
      ...carrierOf(name, port, priority),
      transport: 'tls',
      certificate: { name: domain },
    });
    const { port } = secure.local;
    document.routingGateways = [
      over('impostor', 1, { port, domain: 'nobody.example' }),
      over('secure', 2, { port, domain: 'carrier.example' }),
      { ...carrierOf('plain', plain.local.port, 1), prefixes: [PLAIN] },
      // baresip takes TLS at the port above the one for UDP.
      {
        ...over('other', 1, { port: other.port + 1, domain: `${OTHER}.example` }),
        prefixes: [OTHER],
      },
    ];
    await cluster.configure(document);
    const ws = { address: '127.0.0.1', port: wsPort };

    const pairs: readonly [Pair, Pair] = [
      { caller: pbx, to: tls, called: '442079460000', callee: secure },
      { caller: browser, to: ws, called: `${PLAIN}900000`, callee: plain },
    ];
    for (const pair of pairs) {
      const { a, b } = await answered(pair);
      await reinvited(b, a);
      await reinvited(a, b);
      await ended(b, a);
    }
    await calledBySips(pairs[0]);
    for (const [at, hangsUp] of [office, other].entries()) {
      office.dial(`sip:${OTHER}@127.0.0.1:${String(tlsPort)};transport=tls`);
      for (const each of [office, other]) await each.event('CALL_ESTABLISHED', TIMEOUT_MS, at + 1);
      hangsUp.hangUp();
      for (const each of [office, other]) await each.event('CALL_CLOSED', TIMEOUT_MS, at + 1);
    }
    // One of the two has the browser's WebSocket, and each of them may have what the others have opened.
    const held = [await answered(pairs[1]), await answered(pairs[1])];
    for (const [at, front] of ['front-1', 'front-2'].entries()) {
      await cluster.cluster.end(front, 'SIGKILL');
      // What is written to a connection before its end has been seen is lost, for any client.
      await sleep(SEEN_MS);
      const { a, b } = held[at] ?? assert.fail();
      await ended(a, b);
      await until('the workers know that it is gone', async () => {
        return !(await cluster.api.pods()).some(({ name }) => name === front);
      });
      for (const pair of pairs) {
        const next = await answered(pair);
        await ended(next.a, next.b);
      }
      await cluster.cluster.startAgain(front);
      await cluster.cluster.ready();
    }
    const cdrs = await until('all calls are charged', async () => {
      const all = await cluster.api.cdrs();
      return all.length === 12 && all;
    });
    assert.deepEqual(new Set(cdrs.map(({ reason }) => reason)), new Set(['NormalClearing']));
  });
}

async function answered({ caller, to, called, callee }: Pair): Promise<{
  readonly a: OutgoingCall;
  readonly b: IncomingCall;
  readonly final: SipResponse;
}> {
  const a = caller.invite({ to, called });
  const answer = a.answered(TIMEOUT_MS);
  // Where it is refused nobody would be called in vain.
  const b = await Promise.race([callee.receiveCall(), answer.then(() => assert.fail('uncalled'))]);
  b.answer();
  const final = await answer;
  await b.ack();
  return { a, b, final };
}

/** RFC 5630: sips URIs lead to the carrier over TLS, by sips URIs in every message, also where a longer prefix leads elsewhere. */
async function calledBySips(pair: Pair): Promise<void> {
  const { address, port } = pair.to;
  for (const number of [pair.called, `${PLAIN}900000`]) {
    const called = `sips:${number}@${address}:${String(port)}`;
    const { a, b, final } = await answered({ ...pair, called });
    assert.ok(b.invite.uri.startsWith(`sips:${number}@`));
    for (const { headers } of [b.invite, final]) {
      assert.match(headers.get('Contact') ?? '', /^<sips:[^;]+>$/);
    }
    await reinvited(b, a);
    await reinvited(a, b);
    await ended(b, a);
  }
}

async function reinvited(
  by: OutgoingCall | IncomingCall,
  other: OutgoingCall | IncomingCall,
): Promise<void> {
  const answer = by.reinvite({ sdp: sdpBody({ direction: 'sendonly', version: 2 }) });
  const asked = await other.receive('INVITE');
  asked.respond(200, { sdp: sdpBody({ direction: 'recvonly', version: 2 }) });
  assert.equal((await answer).status, 200);
  await other.ack();
}

async function ended(
  by: OutgoingCall | IncomingCall,
  other: OutgoingCall | IncomingCall,
): Promise<void> {
  const bye = by.bye();
  (await other.receive('BYE')).respond(200);
  assert.equal((await bye).status, 200);
}
