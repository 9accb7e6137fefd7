import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeToken } from '../../../src/core/dialog/dialog-token.ts';
import {
  rebuiltToken,
  refreshedToken,
  tokenForCaller,
  tokenForCarrier,
} from '../../../src/core/dialog/dialog-tokens.ts';
import type { DialogParts } from '../../../src/core/dialog/dialog-tokens.ts';
import { plainTerms } from '../../../src/core/dialog/token-terms.ts';
import { VERSIONED } from '../../../src/core/network/peer-codec.ts';
import { CALL_ID, carrierResponse, inviteOf, source } from '../../support/messages.ts';

const carrier = { address: '203.0.113.5', port: 5070 };
const carrierSide = {
  addresses: [carrier, { address: '203.0.113.6', port: 5070 }, { ...carrier, port: 5080 }],
  isStored: false,
};
const partsOf = (invite = inviteOf()): DialogParts => ({
  callId: CALL_ID,
  invite,
  source,
  switchTag: 'switch',
});
const callerSide = (headers: Readonly<Record<string, string>> = {}) => ({
  response: carrierResponse(200, headers),
  address: carrier,
  localUri: '"Alice" <sip:442070000000@198.51.100.1>',
  remoteUri: '<sip:442079460000@203.0.113.5:5070>',
  localTag: 'alice',
  cseqOffset: 1,
  fallbackTarget: 'sip:442079460000@203.0.113.5:5070',
});

test('CALL-01 the carrier’s token leads to the caller with the caller’s own names and our tag', () => {
  assert.deepEqual(tokenForCarrier(partsOf(), carrierSide), {
    callId: CALL_ID,
    holder: 'b',
    holderAddresses: ['203.0.113.5', '203.0.113.6'],
    callerAddresses: [],
    target: 'sip:1001@192.0.2.10:5062',
    nextHop: source,
    routes: [],
    callIdHeader: 'call@office.example',
    localUri: '<sip:442079460000@198.51.100.1>',
    remoteUri: '<sip:1001@office.example>',
    localTag: 'switch',
    remoteTag: 'alice',
    cseqOffset: 0,
    firstCseq: 0,
    isRouted: false,
    isStored: false,
    terms: plainTerms,
  });
});

test('CALL-02 a caller without Contact or tag is reached by its From; its route set keeps its order', () => {
  const invite = inviteOf({
    Contact: '',
    From: '<sip:1001@office.example>',
    'Record-Route': '<sip:p2.example;lr>, <sip:p1.example;lr>',
  });
  const token = tokenForCarrier(partsOf(invite), carrierSide);
  assert.equal(token.target, 'sip:1001@office.example');
  assert.equal(token.remoteTag, '');
  assert.deepEqual(token.routes, ['<sip:p2.example;lr>', '<sip:p1.example;lr>']);
});

test('CALL-01 the caller’s token leads to the callee’s Contact with the call id as Call-ID', () => {
  const token = tokenForCaller(partsOf(), callerSide());
  assert.equal(token.target, 'sip:gw@203.0.113.5:5071');
  assert.deepEqual(token.nextHop, { address: '203.0.113.5', port: 5071 });
  assert.equal(token.callIdHeader, CALL_ID);
  assert.equal(token.remoteTag, 'carrier');
  assert.equal(token.cseqOffset, 1);
  assert.deepEqual(token.holderAddresses, ['192.0.2.10']);
});

test('CALL-02 a Record-Route of the carrier is turned round and its first hop is next', () => {
  const token = tokenForCaller(
    partsOf(),
    callerSide({ 'Record-Route': '<sip:203.0.113.8;lr>, <sip:203.0.113.9:5090;lr>' }),
  );
  assert.deepEqual(token.routes, ['<sip:203.0.113.9:5090;lr>', '<sip:203.0.113.8;lr>']);
  assert.deepEqual(token.nextHop, { address: '203.0.113.9', port: 5090 });
});

test('CALL-02 where target or route name a host, or nothing readable, the known address is next', () => {
  for (const headers of [
    { Contact: '<sip:gw@media.carrier.example>' },
    { Contact: '<tel:+44>' },
    // RFC 5627: the host is the registrar's, which would be ourselves.
    { Contact: '<sip:1002@198.51.100.1;gr=urn:uuid:ab>' },
    { Contact: '<sip:c2VhbGVk@198.51.100.1;gr>' },
    { 'Record-Route': '<sip:proxy.carrier.example;lr>' },
    { 'Record-Route': 'nonsense' },
  ]) {
    assert.deepEqual(tokenForCaller(partsOf(), callerSide(headers)).nextHop, carrier);
  }
  const silent = tokenForCaller(partsOf(), callerSide({ Contact: '' }));
  assert.equal(silent.target, 'sip:442079460000@203.0.113.5:5070');
});

test('CALL-07 the caller may send from its source and from the address in its Contact', () => {
  const invite = inviteOf({ Contact: '<sip:1001@192.0.2.99:5062>' });
  const token = tokenForCaller(partsOf(invite), callerSide());
  assert.deepEqual(token.holderAddresses, ['192.0.2.10', '192.0.2.99']);
  const named = tokenForCaller(
    partsOf(inviteOf({ Contact: '<sip:1001@pbx.example>' })),
    callerSide(),
  );
  assert.deepEqual(named.holderAddresses, ['192.0.2.10']);
  const bare = tokenForCaller(partsOf(inviteOf({ Contact: '' })), callerSide());
  assert.deepEqual(bare.holderAddresses, ['192.0.2.10']);
});

test('AUTH-01 both tokens have the list of a gateway that calls, what holds its source first; of the source alone it says nothing', () => {
  const listed = (...callerAddresses: string[]) => ({ ...partsOf(), callerAddresses });
  const nodes = listed('198.51.100.9', '192.0.2.0/24');
  assert.deepEqual(tokenForCarrier(nodes, carrierSide).callerAddresses, [
    '192.0.2.0/24',
    '198.51.100.9',
  ]);
  assert.deepEqual(tokenForCaller(nodes, callerSide()).holderAddresses, [
    '192.0.2.0/24',
    '198.51.100.9',
  ]);
  const alone = listed(source.address);
  assert.deepEqual(tokenForCarrier(alone, carrierSide).callerAddresses, []);
  assert.deepEqual(tokenForCaller(alone, callerSide()).holderAddresses, [source.address]);
  assert.ok(encodeToken(tokenForCarrier(alone, carrierSide)).readUInt8(0) < VERSIONED);
  assert.ok(encodeToken(tokenForCarrier(nodes, carrierSide)).readUInt8(0) === (VERSIONED | 1));
});

test('CALL-04 a target refresh moves target and next hop of the carrier, of the caller the target alone', () => {
  const tokenA = tokenForCaller(partsOf(), callerSide());
  const moved = refreshedToken(tokenA, 'sip:gw@203.0.113.77:5099');
  assert.equal(moved.target, 'sip:gw@203.0.113.77:5099');
  assert.deepEqual(moved.nextHop, { address: '203.0.113.77', port: 5099 });
  const tokenB = tokenForCarrier(partsOf(), carrierSide);
  const caller = refreshedToken(tokenB, 'sip:1001@10.0.0.1:5060');
  assert.equal(caller.target, 'sip:1001@10.0.0.1:5060');
  assert.deepEqual(caller.nextHop, source);
  assert.equal(refreshedToken(tokenA, tokenA.target), tokenA);
});

test('CALL-04 with a route set the first route stays next, wherever the target moves', () => {
  const tokenA = tokenForCaller(
    partsOf(),
    callerSide({ 'Record-Route': '<sip:203.0.113.9:5090;lr>' }),
  );
  const moved = refreshedToken(tokenA, 'sip:gw@203.0.113.77:5099');
  assert.deepEqual(moved.nextHop, { address: '203.0.113.9', port: 5090 });
});

test('CALL-07 a caller that moves its socket is reached there from then on', () => {
  const token = tokenForCarrier(partsOf(), carrierSide);
  const elsewhere = { address: source.address, port: 6000 };
  assert.deepEqual(refreshedToken(token, token.target, elsewhere).nextHop, elsewhere);
  assert.equal(refreshedToken(token, token.target, source), token);
});

test('CALL-02 a caller over TCP is reached by its connection, or at its Contact when that is gone', () => {
  const flow = { gate: '10.0.0.7:7000', connection: 9 };
  const connected = { address: source.address, port: 49_152, transport: 'tcp' as const, flow };
  const parts = { ...partsOf(), source: connected };
  const { nextHop } = tokenForCarrier(parts, carrierSide);
  assert.deepEqual(nextHop, { ...connected, port: 5062 });
});

test('CALL-02 a carrier over TCP keeps its transport where its Contact names none, and its connection at its address', () => {
  const known = { ...carrier, transport: 'tcp' as const };
  const token = tokenForCaller(partsOf(), { ...callerSide(), address: known });
  assert.deepEqual(token.nextHop, { address: '203.0.113.5', port: 5071, transport: 'tcp' });
  const flow = { gate: '10.0.0.7:7000', connection: 9 };
  const heard = { ...known, port: 40_000, flow };
  const moved = refreshedToken(token, 'sip:gw@203.0.113.5:5099', heard);
  assert.deepEqual(moved.nextHop, { ...known, port: 5099, flow });
  const away = refreshedToken(moved, 'sip:gw@203.0.113.6:5099;transport=tcp');
  assert.deepEqual(away.nextHop, { address: '203.0.113.6', port: 5099, transport: 'tcp' });
});

test('CALL-05 only a call whose caller has no session timers may be spoken into, some time after it began', () => {
  const terms = {
    sessionIntervalSeconds: 601,
    probeIntervalSeconds: 60,
    relaysRefer: true,
    contact: 'param',
    identityA: 0,
    identityB: 0,
  };
  const parts = { ...partsOf(), terms, startedMs: 1_000_500 };
  assert.deepEqual(tokenForCarrier(parts, carrierSide).terms, {
    sessionSeconds: 600,
    speaksFromS: 1045,
    hasCallerTimer: false,
    relaysRefer: true,
    contactForm: 'param',
    mayChallenge: false,
    identityA: 0,
    identityB: 0,
  });
  const invite = inviteOf({ Supported: 'timer' });
  const quiet = tokenForCarrier({ ...parts, invite }, carrierSide).terms;
  assert.equal(quiet.speaksFromS, 0);
  assert.equal(quiet.hasCallerTimer, true);
});

test('edge.md §5: without the store the other side’s token is made again of the request and the sender’s own', () => {
  const parts = partsOf();
  const tokenA = tokenForCaller(parts, callerSide());
  const tokenB = tokenForCarrier(parts, { ...carrierSide, addresses: [carrier] });
  const request = inviteOf({
    To: '<sip:442079460000@198.51.100.1>;tag=switch',
    From: '<sip:1001@office.example>;tag=alice',
  });
  assert.deepEqual(rebuiltToken(request, tokenA, source), tokenB);
  assert.equal(rebuiltToken(request, { ...tokenA, isRouted: true }, source), undefined);
});

test('CALL-02 requests go to the maddr of a Contact; where nobody can be they go to where the carrier was heard', () => {
  const hopTo = (uri: string): string => {
    const { nextHop } = tokenForCaller(partsOf(), callerSide({ Contact: `<${uri}>` }));
    return `${nextHop.address}:${String(nextHop.port)}`;
  };
  assert.equal(hopTo('sip:gw@203.0.113.99:5071;maddr=203.0.113.7'), '203.0.113.7:5071');
  assert.equal(hopTo('sip:gw@gw.example.org;maddr=203.0.113.7'), '203.0.113.7:5060');
  for (const uri of [
    'sip:gw@203.0.113.99:0',
    'sip:gw@224.0.1.75:5060',
    'sip:gw@203.0.113.99;maddr=239.255.255.1',
    'sip:gw@203.0.113.99;maddr=gw.example.org',
  ]) {
    assert.equal(hopTo(uri), `${carrier.address}:${String(carrier.port)}`, uri);
  }
});

test('CALL-02 a carrier over TLS has to prove the same at another address, and is called by TLS where its Contact says sips', () => {
  const tls = {
    ...carrier,
    transport: 'tls',
    certificate: 'carrier.example',
    flow: { gate: '10.0.0.3:7000', connection: 5 },
  } as const;
  const hopTo = (Contact: string) =>
    tokenForCaller(partsOf(), {
      ...callerSide({ Contact }),
      address: tls,
    }).nextHop;
  const elsewhere = { address: '203.0.113.9', transport: 'tls', certificate: 'carrier.example' };
  assert.deepEqual(hopTo('<sip:gw@203.0.113.9:5071;transport=tls>'), { ...elsewhere, port: 5071 });
  assert.deepEqual(hopTo('<sip:gw@203.0.113.9>'), { ...elsewhere, port: 5061 });
  assert.deepEqual(hopTo('<sips:gw@203.0.113.9>'), { ...elsewhere, port: 5061 });
  assert.deepEqual(hopTo('<sip:gw@203.0.113.5:5071>'), { ...tls, port: 5071 });
  assert.deepEqual(hopTo('<sip:gw@203.0.113.9;transport=udp>'), {
    address: '203.0.113.9',
    port: 5060,
  });
});

test('RFC 7118 §5: a browser is reached by its connection, whatever its Contact says', () => {
  for (const transport of ['ws', 'wss'] as const) {
    const browser = {
      address: '192.0.2.77',
      port: 50_000,
      transport,
      flow: { gate: '10.0.0.3:7000', connection: 5 },
    };
    for (const host of ['df7jal23ls0d.invalid', '10.1.1.1', '192.0.2.77:9']) {
      const response = callerSide({ Contact: `<sip:b@${host};transport=ws>` });
      assert.deepEqual(
        tokenForCaller(partsOf(), { ...response, address: browser }).nextHop,
        browser,
      );
      const invite = inviteOf({ Contact: `<sip:b@${host};transport=ws>` });
      const called = tokenForCarrier({ ...partsOf(invite), source: browser }, carrierSide);
      assert.equal(called.nextHop.flow, browser.flow);
      assert.equal(called.nextHop.transport, transport);
    }
  }
});
