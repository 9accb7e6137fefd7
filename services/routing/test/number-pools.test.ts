import assert from 'node:assert/strict';
import test from 'node:test';
import { configurationSchema } from '@tandem/config';
import { Origin } from '@tandem/proto/auth';
import { pickFrom } from '../src/core/number-pools.ts';
import {
  configure,
  factsAbout,
  gateway,
  openRouter,
  request,
  routedOf,
} from './routing-fixture.ts';

const numbers = ['+12025550100', '+12025550101', '+12025550102'];
const pool = (pick: string) => ({ name: 'us', numbers, pick });
const carriers = [
  gateway('pooled', ['44'], { callerPool: 'us' }),
  gateway('pooled-too', ['44'], { callerPool: 'us', priority: 2 }),
  gateway('plain', ['44'], { priority: 3 }),
];

test('ROUTE-10 round robin gives each number its turn, and an analysis takes none', async () => {
  const { router } = await openRouter(
    configure({ numberPools: [pool('round-robin')], routingGateways: carriers }),
  );
  const callers: (string | undefined)[] = [];
  for (let call = 0; call < 4; call++) {
    const response = await router.route(request(`c${String(call)}`));
    const { candidates } = routedOf(response);
    callers.push(candidates[0]?.caller);
    // One call has one number, whichever gateway takes it.
    assert.equal(candidates[1]?.caller, candidates[0]?.caller);
    assert.equal(candidates[2]?.caller, '1001');
    assert.deepEqual(factsAbout(response.decisions, `caller ${String(candidates[0]?.caller)}`), {
      gateway: 'pooled',
      pool: 'us',
      pick: 'round-robin',
      before: '1001',
    });
    const origin = Origin.create({ kind: 'mapping-gateway', name: 'demo-trunk', account: 'demo' });
    await router.analyse({
      origin,
      caller: '',
      callee: '4420',
      atMs: 0,
      isSips: false,
      seconds: 0,
    });
  }
  assert.deepEqual(callers, [...numbers, numbers[0]]);
});

test('ROUTE-10 a sticky number is that of the same callee or caller, and a pool is used evenly', () => {
  const { numberPools = [] } = configurationSchema.parse({
    numberPools: [
      { name: 'small', numbers: Array.from({ length: 10 }, (_, at) => `4420${String(at)}`), pick: 'sticky-callee' }, // prettier-ignore
      { name: 'large', numbers: Array.from({ length: 11 }, (_, at) => `4420${String(at)}`), pick: 'sticky-callee' }, // prettier-ignore
      { name: 'by-caller', numbers, pick: 'sticky-caller' },
    ],
  });
  const [small, large, byCaller] = numberPools;
  assert.ok(small !== undefined && large !== undefined && byCaller !== undefined);
  const picks = { random: 0, turns: new Map<string, number>() };
  const uses = new Map<string, number>();
  let moved = 0;
  for (let callee = 0; callee < 10_000; callee++) {
    const number = `+44207${String(callee).padStart(7, '0')}`;
    const picked = pickFrom(small, { caller: '', callee: number }, picks);
    assert.equal(picked, pickFrom(small, { caller: '1001', callee: number.slice(1) }, picks));
    uses.set(picked, (uses.get(picked) ?? 0) + 1);
    const later = pickFrom(large, { caller: '', callee: number }, picks);
    // With a further number only those move that go to it.
    if (later !== picked) assert.equal(later, '442010');
    moved += Number(later !== picked);
  }
  assert.equal(uses.size, 10);
  for (const count of uses.values()) assert.ok(count > 800 && count < 1200, String(count));
  assert.ok(moved > 700 && moved < 1100, String(moved));
  const ofCaller = ['2', '3'].map((callee) => pickFrom(byCaller, { caller: '1', callee }, picks));
  assert.equal(ofCaller[0], ofCaller[1]);
});

test('ROUTE-10 at random every number is given; a turn that nobody can count is taken by chance', () => {
  const { numberPools = [] } = configurationSchema.parse({
    numberPools: [pool('random'), { ...pool('round-robin'), name: 'turns' }],
  });
  for (const each of numberPools) {
    const given = [0, 0.34, 0.999].map((random) =>
      pickFrom(each, { caller: '', callee: '44' }, { random, turns: new Map() }),
    );
    assert.deepEqual(given, numbers);
  }
});

test('CALL-12 a number of a pool is asserted in place of the caller’s; who has none in From gets none there', async () => {
  const identity = { trusted: true, headers: ['pai'] };
  const { router } = await openRouter(
    configure({
      numberPools: [{ ...pool('random'), numbers: numbers.slice(0, 1) }],
      numberRules: [{ name: 'bare', rules: [{ number: 'caller', stripPrefix: '+' }] }],
      mappingGateways: [
        { name: 'demo-trunk', account: 'demo', identity, authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] } }, // prettier-ignore
      ],
      routingGateways: [gateway('pooled', ['44'], { callerPool: 'us', identity, numberRules: ['bare'] })], // prettier-ignore
    }),
  );
  const asserted = { asserted: ['<sip:+441632960123@x>'], preferred: [], remoteParty: [], privacy: 'id' }; // prettier-ignore
  const call = async (caller: string) =>
    routedOf(await router.route(request(caller, { caller, identity: asserted }))).candidates[0];
  const shown = await call('441632960999');
  assert.equal(shown?.caller, '12025550100');
  assert.equal(shown.identity?.asserted, '12025550100');
  const hidden = await call('anonymous');
  assert.equal(hidden?.caller, 'anonymous');
  assert.equal(hidden.identity?.asserted, '12025550100');
});
