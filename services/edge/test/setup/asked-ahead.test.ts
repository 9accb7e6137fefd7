import assert from 'node:assert/strict';
import test from 'node:test';
import { unmet } from '@tandem/limits';
import type { Precondition } from '@tandem/limits';
import type { RouteReply } from '@tandem/proto/edge-replies';
import type { RouteRequest } from '@tandem/proto/routing';
import { onPassed } from '../../src/faults.ts';
import type { Claim, RoutingClient } from '../../src/ports.ts';
import { AskedAhead } from '../../src/setup/asked-ahead.ts';
import { local } from '../support/messages.ts';

const OWN = '3.77';
const origin = { kind: 'phone', name: '1001', account: 'demo' };
const acceptance: Precondition = { key: 'nonce', field: '+print', value: '1' };
const request = {
  callId: 'call',
  transaction: 'tx',
  route: {
    traceParent: '',
    callId: 'call',
    origin: undefined,
    sourceAddress: '192.0.2.10',
    caller: '1001',
    callee: '44',
    identity: undefined,
    verification: undefined,
    takesNoLines: false,
    isSips: false,
    device: undefined,
  },
};
const admitted = { ...request, route: { ...request.route, origin } };
const won: Claim = { callId: 'call', owner: OWN, isNew: true };
const reply: RouteReply = {
  outcome: undefined,
  decisions: [],
  callerAnswers: undefined,
  asserted: '',
};

/** What was asked, in its order; each answer is taken from the front of what is given. */
function bench(given: {
  readonly claims: readonly (Claim | undefined | Error)[];
  readonly routes: readonly (RouteReply | Error)[];
  readonly isOverSamePipe?: boolean;
}) {
  const asked: unknown[] = [];
  const [claims, routes] = [[...given.claims], [...given.routes]];
  const answer = <T>(value: T | Error | undefined): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value as T);
  const routing: RoutingClient = {
    isOverSamePipe: given.isOverSamePipe ?? true,
    route: (asking: RouteRequest, onlyIf?: Precondition) => {
      asked.push(['route', asking.origin?.name, onlyIf?.value]);
      return answer(routes.shift());
    },
    nextCandidate: () => Promise.reject(new Error('not asked')),
    rest: () => Promise.reject(new Error('not asked')),
  };
  const store = {
    claim: (_: string, callId: string, owner: string, onlyIf?: Precondition) => {
      asked.push(['claim', callId, owner, onlyIf?.field]);
      return answer(claims.shift());
    },
    claimed: (key: string, callId: string, owner: string): Precondition => ({
      key,
      field: '',
      value: `${callId} ${owner}`,
    }),
  };
  const edge = { local, routing, store } as unknown as ConstructorParameters<typeof AskedAhead>[0];
  return { ahead: new AskedAhead(edge), asked };
}

test('CALL-06 claim and route are asked in the turn in which credentials are taken, each only if the one before went well', async () => {
  const { ahead, asked } = bench({ claims: [won], routes: [reply] });
  const steps: string[] = [];
  onPassed((step) => steps.push(step));
  ahead.begin(request, { origin, acceptance });
  onPassed(undefined);
  assert.deepEqual(asked, [
    ['claim', 'call', OWN, '+print'],
    ['route', '1001', `call ${OWN}`],
  ]);
  assert.deepEqual(steps, ['after-asked-ahead']);
  assert.deepEqual(await ahead.claim(admitted), won);
  assert.equal(await ahead.route(admitted.route), reply);
  assert.equal(asked.length, 2);
});

test('CALL-06 who is known by the address is claimed and routed in one write', async () => {
  const { ahead, asked } = bench({ claims: [won], routes: [reply] });
  const claiming = ahead.claim(admitted);
  assert.deepEqual(asked, [
    ['claim', 'call', OWN, undefined],
    ['route', '1001', `call ${OWN}`],
  ]);
  assert.deepEqual(await claiming, won);
  assert.equal(await ahead.route(admitted.route), reply);
  assert.equal(asked.length, 2);
});

test('CALL-06 what was not so is asked for again in its turn', async () => {
  const { ahead, asked } = bench({ claims: [unmet(), won], routes: [unmet(), unmet(), reply] });
  ahead.begin(request, { origin, acceptance });
  assert.deepEqual(await ahead.claim(admitted), won);
  assert.equal(await ahead.route(admitted.route), reply);
  assert.deepEqual(asked.slice(2), [
    ['claim', 'call', OWN, undefined],
    ['route', '1001', `call ${OWN}`],
    ['route', '1001', undefined],
  ]);
});

test('CALL-06 the route of a claim that another pod has, or had, is not used', async () => {
  const other = { callId: 'other', owner: '4.1', isNew: false };
  const takenOver = { callId: 'older', owner: OWN, isNew: true };
  for (const claim of [other, takenOver, undefined]) {
    const { ahead, asked } = bench({ claims: [claim], routes: [unmet(), reply] });
    ahead.begin(request, { origin, acceptance });
    assert.deepEqual(await ahead.claim(admitted), claim);
    assert.equal(await ahead.route({ ...admitted.route, callId: claim?.callId ?? 'call' }), reply);
    assert.deepEqual(asked.at(-1), ['route', '1001', undefined]);
  }
});

test('CALL-06 a store that is away is told in its turn, and nothing that nobody waits for is left unhandled', async () => {
  const away = new Error('away');
  const { ahead } = bench({ claims: [away], routes: [away] });
  ahead.begin(request, { origin, acceptance });
  await assert.rejects(ahead.claim(admitted), away);
  const refused = bench({ claims: [away], routes: [away] });
  refused.ahead.begin(request, { origin, acceptance });
  refused.ahead.forget('call');
  await new Promise(setImmediate);
});

test('CALL-06 with routing elsewhere nothing is asked ahead', async () => {
  const { ahead, asked } = bench({ claims: [won], routes: [reply], isOverSamePipe: false });
  ahead.begin(request, { origin, acceptance });
  assert.deepEqual(asked, []);
  await ahead.claim(admitted);
  await ahead.route(admitted.route);
  assert.deepEqual(asked, [
    ['claim', 'call', OWN, undefined],
    ['route', '1001', undefined],
  ]);
});
