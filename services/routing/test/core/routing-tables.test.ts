import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configure, gateway, tablesOf } from '../routing-fixture.ts';

test('AUTH-11 the carrier gets its own user name and the password that was sealed', () => {
  const routingGateways = [gateway('a', ['44'], { username: 'tandem', password: 'sealed:v1:x' })];
  const candidate = tablesOf(configure({ routingGateways })).routingGateways.get('a')?.candidate;
  assert.equal(candidate?.username, 'tandem');
  assert.equal(candidate.password, 'opened sealed:v1:x');
});

test('AUTH-11 a gateway without credentials opens nothing', () => {
  const candidate = tablesOf(configure()).routingGateways.get('carrier-a')?.candidate;
  assert.equal(candidate?.username, '');
  assert.equal(candidate.password, '');
});

test('ROUTE-02 the addresses of a gateway always have a port', () => {
  const routingGateways = [
    gateway('a', ['44'], { addresses: ['192.0.2.1', '192.0.2.1:5080', '[2001:db8::1]'] }),
  ];
  assert.deepEqual(
    tablesOf(configure({ routingGateways })).routingGateways.get('a')?.candidate.addresses,
    ['192.0.2.1:5060', '192.0.2.1:5080', '[2001:db8::1]:5060'],
  );
});

test('CALL-03 timers are the gateway’s own, else the system parameters’, in milliseconds', () => {
  const timers = { invite: 5, ringing: 60, resendInterval: 250 };
  const routingGateways = [gateway('a', ['44'], { timers })];
  const parameters = { SS_SIP_TIMEOUT_INVITE: 8, SS_SIP_TIMEOUT_SESSION_PROGRESS: 15 };
  assert.deepEqual(
    tablesOf(configure({ parameters, routingGateways })).routingGateways.get('a')?.candidate.timers,
    {
      inviteMs: 5000,
      ringingMs: 60_000,
      sessionProgressMs: 15_000,
      sessionProgressSdpMs: 120_000,
      resendIntervalMs: 250,
      own: ['invite', 'ringing', 'resendInterval'],
    },
  );
});

test('CALL-05 a call is to be refreshed at SS_SIP_SESSION_TTL / SS_SIP_SESSION_UPDATE_SEGMENT, half of what is asked for', () => {
  const termsWith = (parameters: Readonly<Record<string, number | string>>) =>
    tablesOf(configure({ parameters })).routingGateways.get('carrier-a')?.candidate.dialog;
  assert.deepEqual(termsWith({}), {
    sessionIntervalSeconds: 600,
    probeIntervalSeconds: 600,
    relaysRefer: false,
    contact: 'user',
    identityA: 0,
    identityB: 0,
  });
  const changed = termsWith({
    SS_SIP_SESSION_TTL: 1800,
    SS_SIP_SESSION_UPDATE_SEGMENT: 3,
    SS_SIP_NO_TIMER_REINVITE_INTERVAL: 60,
    SS_SIP_RELAY_REFER: 'On',
  });
  assert.equal(changed?.sessionIntervalSeconds, 1200);
  assert.equal(changed.probeIntervalSeconds, 60);
  assert.equal(changed.relaysRefer, true);
  // RFC 4028 §5: never below 90 s.
  const quick = termsWith({ SS_SIP_SESSION_TTL: 90, SS_SIP_SESSION_UPDATE_SEGMENT: 10 });
  assert.equal(quick?.sessionIntervalSeconds, 90);
});

test('ROUTE-02 a gateway may want the token of its Contact in a parameter', () => {
  const routingGateways = [gateway('a', ['44'], { contact: 'param' })];
  const { candidate } = tablesOf(configure({ routingGateways })).routingGateways.get('a') ?? {};
  assert.equal(candidate?.dialog?.contact, 'param');
});

test('ROUTE-05 a gateway needs its own line and its group’s', () => {
  const tables = tablesOf(
    configure({
      gatewayGroups: [{ name: 'g1', lineLimit: 100 }],
      routingGateways: [gateway('a', ['44'], { group: 'g1', lineLimit: 7 })],
    }),
  );
  assert.deepEqual(tables.routingGateways.get('a')?.lines, [
    { key: 'routing-gateway:a', limit: 7 },
    { key: 'group:g1', limit: 100 },
  ]);
  assert.deepEqual(
    tables.limits,
    new Map([
      ['group:g1', 100],
      ['routing-gateway:a', 7],
    ]),
  );
});

test('ROUTE-05 limits of accounts, phones and mapping gateways are known by their line', () => {
  const tables = tablesOf(
    configure({
      accounts: [{ name: 'demo', rateGroup: 'standard', lineLimit: 1 }],
      phones: [{ username: '1001', password: 'p', account: 'demo', lineLimit: 2 }],
      mappingGateways: [
        {
          name: 'demo-trunk',
          account: 'demo',
          authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
          lineLimit: 3,
        },
      ],
    }),
  );
  assert.deepEqual(
    [...tables.limits],
    [
      ['account:demo', 1],
      ['phone:1001', 2],
      ['mapping-gateway:demo-trunk', 3],
    ],
  );
});
