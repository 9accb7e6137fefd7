import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configure, gateway, openRouter, request, routedOf, tablesOf } from '../routing-fixture.ts';

test('CALL-03 DENY-18 what a gateway’s answers are told as goes to the edge with it, and nothing where nothing is set', () => {
  const tables = tablesOf(
    configure({
      routingGateways: [
        gateway('plain', ['44']),
        gateway('told', ['44'], {
          codeMap: [{ code: 503, to: 480, phrase: 'Later' }],
          q850: { readCode: true, causes: [{ cause: 34, to: 480 }], makeReason: true },
          provisional: { ringing: 183, progress: 180, sdp: 'drop' },
          redirects: 'follow',
        }),
      ],
    }),
  );
  assert.equal(tables.routingGateways.get('plain')?.candidate.answers, undefined);
  assert.deepEqual(tables.routingGateways.get('told')?.candidate.answers, {
    codes: [{ from: 503, to: 480, phrase: 'Later' }],
    readsCause: true,
    causes: [{ from: 34, to: 480, phrase: '' }],
    makesCause: true,
    ringing: 183,
    progress: 180,
    dropsEarlySdp: true,
    redirects: 'follow',
  });
});

test('DENY-18 how the mapping gateway is told goes with every answer of routing, refusals too', async () => {
  const trunk = {
    name: 'demo-trunk',
    account: 'demo',
    authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
    codeMap: [{ code: 503, to: 486 }],
  };
  const { router } = await openRouter(configure({ mappingGateways: [trunk] }));
  const codes = [{ from: 503, to: 486, phrase: '' }];
  const routed = await router.route(request('c1'));
  assert.equal(routedOf(routed).candidates.length, 2);
  assert.deepEqual(routed.callerAnswers?.codes, codes);
  const refused = await router.route(request('c2', { callee: '33' }));
  assert.equal(refused.outcome?.$case, 'deny');
  assert.deepEqual(refused.callerAnswers?.codes, codes);
  const { router: plain } = await openRouter();
  assert.equal((await plain.route(request('c3'))).callerAnswers, undefined);
});
