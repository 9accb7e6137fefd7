import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivedIdentity } from '@tandem/proto/routing';
import type { RouteRequest, RouteResponse } from '@tandem/proto/routing';
import {
  configure,
  factsAbout,
  openRouter,
  phone,
  reasonOf,
  request,
  routedOf,
} from '../routing-fixture.ts';

const NUMBER = '+441632960123';

interface World {
  readonly identity?: Record<string, unknown>;
  readonly account?: Record<string, unknown>;
  readonly phone?: Record<string, unknown>;
  readonly carrier?: Record<string, unknown>;
}

/** One call through a router whose trunk, account and carrier are as the test says. */
async function routed(
  world: World,
  asked: Partial<Omit<RouteRequest, 'identity'>> & { identity?: Partial<ReceivedIdentity> } = {},
): Promise<RouteResponse> {
  const base = configure();
  const [account] = base.accounts;
  const [trunk] = base.mappingGateways;
  const [carrier] = base.routingGateways;
  const [first] = base.phones;
  const { router } = await openRouter(
    configure({
      accounts: [{ ...account, ...world.account }],
      phones: [{ ...first, ...world.phone }],
      mappingGateways: [{ ...trunk, identity: world.identity }],
      routingGateways: [{ ...carrier, ...world.carrier }],
    }),
  );
  const { identity, ...rest } = asked;
  return router.route(
    request('c1', {
      ...rest,
      ...(identity && { identity: ReceivedIdentity.fromPartial(identity) }),
    }),
  );
}

function assertedIn(response: RouteResponse): string {
  return routedOf(response).candidates[0]?.identity?.asserted ?? '';
}

test('CALL-12 T2-19 a trusted trunk’s P-Asserted-Identity is the caller’s number, whatever From says', async () => {
  const asserted = [`<sip:alice@customer.example>`, `<tel:${NUMBER};npdi>`];
  const response = await routed(
    { identity: { trusted: true } },
    { caller: 'anonymous', identity: { asserted, privacy: 'id' } },
  );
  assert.equal(assertedIn(response), NUMBER);
  assert.equal(response.asserted, NUMBER);
  assert.equal(routedOf(response).candidates[0]?.caller, 'anonymous');
  assert.equal(routedOf(response).candidates[0]?.dialog?.identityA, 1 | 2 | 8 | 16);
  assert.deepEqual(factsAbout(response.decisions, `caller ${NUMBER}`), {
    by: 'pai',
    from: 'anonymous',
    privacy: 'id',
  });
});

test('CALL-12 Remote-Party-ID counts where it is among the headers, and its sender has screened it', async () => {
  const world = { identity: { trusted: true, headers: ['pai', 'rpid'] } };
  const rpid = (more: string): Partial<ReceivedIdentity> => ({
    remoteParty: [`<sip:${NUMBER}@customer.example>${more}`],
  });
  assert.equal(
    assertedIn(await routed(world, { identity: rpid(';party=calling;screen=yes') })),
    NUMBER,
  );
  assert.equal(assertedIn(await routed(world, { identity: rpid(';screen=no') })), '');
  assert.equal(assertedIn(await routed(world, { identity: rpid(';party=called') })), '');
  const other = await routed({ identity: { trusted: true } }, { identity: rpid('') });
  assert.equal(assertedIn(other), '');
  const facts = factsAbout(other.decisions, 'mapping-gateway demo-trunk', 'identity');
  assert.match(facts['cause'] ?? '', /not among identity.headers/);
  const both = { ...rpid(''), asserted: ['<tel:+441632960777>'] };
  assert.equal(assertedIn(await routed(world, { identity: both })), '+441632960777');
});

test('CALL-12 a trunk that is not trusted is not believed; it is told why', async () => {
  const identity = { asserted: [`<sip:${NUMBER}@customer.example>`] };
  const response = await routed({}, { identity });
  assert.equal(routedOf(response).candidates[0]?.identity, undefined);
  assert.equal(response.asserted, '');
  const facts = factsAbout(response.decisions, 'mapping-gateway demo-trunk', 'identity');
  assert.deepEqual(facts, {
    header: 'P-Asserted-Identity',
    cause: 'mapping-gateway demo-trunk is not trusted',
  });
});

test('CALL-12 who is not trusted presents a number of its account, else what is configured', async () => {
  const account = { numbers: ['44163296'], callerId: '+441632960000' };
  const ppi = (number: string): Partial<ReceivedIdentity> => ({
    preferred: [`<sip:${number}@customer.example>`],
  });
  assert.equal(assertedIn(await routed({ account }, { identity: ppi(NUMBER) })), NUMBER);
  const foreign = await routed({ account }, { identity: ppi('+12025550123') });
  assert.equal(assertedIn(foreign), '+441632960000');
  // What the switch has found itself stands beside From, not in its place.
  assert.equal(foreign.asserted, '');
  assert.equal(assertedIn(await routed({ account }, { caller: NUMBER })), NUMBER);
  assert.equal(assertedIn(await routed({ account }, { caller: '1001' })), '+441632960000');
  const ofTrunk = { identity: { callerId: '+441632960001' }, account };
  assert.equal(assertedIn(await routed(ofTrunk)), '+441632960001');
  const ofPhone = { phone: { callerId: '+441632960002' }, account };
  assert.equal(assertedIn(await routed(ofPhone, { origin: phone })), '+441632960002');
});

test('CALL-12 anonymous callers are refused with 433 where the trunk may have none (RFC 5079)', async () => {
  const asserted = [`<sip:${NUMBER}@customer.example>`];
  const from = (anonymous: string, caller: string, identity?: Partial<ReceivedIdentity>) =>
    routed({ identity: { trusted: true, anonymous } }, { caller, ...(identity && { identity }) });
  const refusedBy = await from('refuse', 'anonymous', { asserted, privacy: 'id' });
  assert.equal(reasonOf(refusedBy), 'AnonymityDisallowed');
  assert.deepEqual(factsAbout(refusedBy.decisions, 'mapping-gateway demo-trunk'), {
    anonymous: 'refuse',
    privacy: 'id',
  });
  assert.equal(
    reasonOf(await from('refuse', '441', { privacy: 'user;critical' })),
    'AnonymityDisallowed',
  );
  assert.equal(reasonOf(await from('asserted', 'Anonymous')), 'AnonymityDisallowed');
  routedOf(await from('asserted', 'anonymous', { asserted, privacy: 'id' }));
  routedOf(await from('refuse', '441632960123', { privacy: 'none' }));
  routedOf(await from('allow', 'anonymous', { privacy: 'id' }));
});

test('CALL-12 privacy that is critical and cannot be given takes trusted gateways alone, else 500 (RFC 3323 §5)', async () => {
  const identity = { privacy: 'session;critical' };
  const refused = await routed({}, { identity });
  assert.equal(reasonOf(refused), 'PrivacyNotProvided');
  const facts = factsAbout(refused.decisions, 'routing-gateway carrier-a');
  assert.equal(facts['privacy'], 'session;critical');
  routedOf(await routed({ carrier: { identity: { trusted: true } } }, { identity }));
  routedOf(await routed({}, { identity: { privacy: 'user;critical' } }));
});

test('CALL-12 a gateway that wants it gets user=phone in the Request-URI of a number', async () => {
  const carrier = { identity: { userPhone: true } };
  const uriOf = async (callee: string): Promise<string | undefined> =>
    routedOf(await routed({ carrier }, { callee })).candidates[0]?.targets[0]?.uri;
  assert.equal(await uriOf('442079460000'), 'sip:442079460000@127.0.0.1:5070;user=phone');
  assert.equal(await uriOf('44*1'), 'sip:44*1@127.0.0.1:5070');
});
