import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalyseRequest } from '@tandem/proto/routing';
import { configure, factsAbout, gateway, openRouter, request, routedOf, trunk } from '../../routing-fixture.ts'; // prettier-ignore

test('ROUTE-05 ROUTE-12 a gateway leaves the last lines of its group to others, and the audit names the group', async () => {
  const { router } = await openRouter(
    configure({
      gatewayGroups: [{ name: 'uk', lineLimit: 3 }],
      routingGateways: [
        gateway('a-low', ['44'], { group: 'uk', reservedLines: 2 }),
        gateway('b', ['44'], { group: 'uk' }),
      ],
    }),
  );
  const chosen = async (callId: string) => {
    const response = await router.route(request(callId));
    const { candidates, chosen: at } = routedOf(response);
    return { gateway: candidates[at]?.gateway, decisions: response.decisions };
  };
  assert.equal((await chosen('c1')).gateway, 'a-low');
  assert.equal((await chosen('c2')).gateway, 'a-low');
  const third = await chosen('c3');
  assert.equal(third.gateway, 'b');
  const facts = {
    prefix: '44',
    reservedLines: '2',
    limit: '3',
    limitOf: 'group uk',
    inUse: '2',
    holders: 'c1 c2',
  };
  assert.deepEqual(factsAbout(third.decisions, 'routing-gateway a-low'), facts);
  const ask = AnalyseRequest.fromPartial({ origin: trunk, caller: '1', callee: '442079460000' });
  const { route } = await router.analyse(ask);
  assert.ok(route !== undefined);
  assert.equal(factsAbout(route.decisions, 'routing-gateway a-low')['inUse'], '3');
  assert.equal(factsAbout(route.decisions, 'routing-gateway b')['limitOf'], 'group uk');
  const { lines } = await router.listLines('group uk');
  assert.deepEqual(
    lines.map(({ subject, limit, inUse, holders }) => [
      subject,
      limit,
      inUse,
      holders.map(({ callId }) => callId).sort(),
    ]),
    [['group uk', 3, 3, ['c1', 'c2', 'c3']]],
  );
});
