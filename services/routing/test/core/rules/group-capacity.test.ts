import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalyseRequest } from '@tandem/proto/routing';
import { configure, factsAbout, gateway, openRouter, reasonOf, request, routedOf, trunk } from '../../routing-fixture.ts'; // prettier-ignore

// NOON is a Monday: 1 June 2026, 13:00 in London.
const schedules = [
  { name: 'office', timeZone: 'Europe/London', open: [{ weekdays: ['mon'], from: '08:00', to: '18:00' }] }, // prettier-ignore
  { name: 'night', timeZone: 'UTC', open: [{ from: '22:00', to: '06:00' }] },
];
const HOUR = 3_600_000;

test('ROUTE-08 DENY-12 ROUTE-12 a gateway, or its whole group, out of its schedule is left out, and the analysis says by which clock', async () => {
  const { router, clock } = await openRouter(
    configure({
      schedules,
      gatewayGroups: [{ name: 'uk', schedule: 'night' }],
      routingGateways: [
        gateway('a-office', ['44'], { schedule: 'office' }),
        gateway('b-night', ['44'], { group: 'uk' }),
      ],
    }),
  );
  const candidates = async (callId: string) =>
    routedOf(await router.route(request(callId))).candidates.map((each) => each.gateway);
  assert.deepEqual(await candidates('c1'), ['a-office']);
  clock.nowMs += 11 * HOUR;
  assert.deepEqual(await candidates('c2'), ['b-night']);
  clock.nowMs += 8 * HOUR;
  const shut = await router.route(request('c3'));
  assert.equal(reasonOf(shut), 'AllGatewayBusy');
  const ask = AnalyseRequest.fromPartial({ origin: trunk, caller: '1', callee: '442079460000' });
  const { route } = await router.analyse(ask);
  assert.ok(route !== undefined);
  assert.deepEqual(factsAbout(route.decisions, 'routing-gateway a-office'), {
    prefix: '44',
    schedule: 'office',
    of: 'routing-gateway a-office',
    localTime: 'tue 2026-06-02 08:00',
    timeZone: 'Europe/London',
    zonesVersion: '2026f',
  });
  assert.equal(factsAbout(route.decisions, 'routing-gateway b-night')['of'], 'group uk');
  // An analysis for another time asks its own clock.
  const later = await router.analyse({ ...ask, atMs: clock.nowMs + 16 * HOUR });
  assert.equal(later.route?.outcome?.$case, 'routed');
});

test('ROUTE-08 ROUTE-05 a group has other lines while a schedule of its capacities is open', async () => {
  const { router, clock } = await openRouter(
    configure({
      schedules,
      gatewayGroups: [
        { name: 'uk', lineLimit: 1, capacities: [{ schedule: 'night', lineLimit: 2 }] },
      ],
      routingGateways: [gateway('a', ['44'], { group: 'uk' })],
    }),
  );
  const limitOf = async () => (await router.listLines('group uk')).lines[0]?.limit;
  routedOf(await router.route(request('c1')));
  assert.equal(reasonOf(await router.route(request('c2'))), 'AllGatewayBusy');
  assert.equal(await limitOf(), 1);
  clock.nowMs += 11 * HOUR;
  assert.equal(await limitOf(), 2);
  for (const callId of ['c3', 'c4']) routedOf(await router.route(request(callId)));
  const full = await router.route(request('c5'));
  assert.equal(factsAbout(full.decisions, 'routing-gateway a')['limit'], '2');
});
