import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from 'dns-packet';
import type { NameQuestion, RecordSet, RecordType } from '../src/dns-client.ts';
import { lookUp } from '../src/sip-lookup.ts';
import type { NameTarget } from '../src/sip-lookup.ts';
import {
  aRecord as a,
  aaaaRecord as aaaa,
  naptrRecord as naptr,
  srvRecord as srv,
} from '@tandem/testing';

/** Answers from a zone, and notes what it is asked; names in `broken` get no answer. */
function zone(records: readonly Answer[], broken: readonly string[] = []) {
  const asked: string[] = [];
  const ask: NameQuestion = <Type extends RecordType>(name: string, type: Type) => {
    asked.push(`${type} ${name}`);
    if (broken.includes(`${type} ${name}`)) return Promise.reject(new Error('away'));
    const found = records.filter((each) => each.name === name && each.type === type);
    const ttls = found.map((each) => ('ttl' in each ? (each.ttl ?? 0) : 0));
    const data = found.map((each) => ('data' in each ? each.data : undefined));
    const set = {
      records: data,
      ttlSeconds: Math.min(...ttls, found.length === 0 ? 30 : Infinity),
    };
    return Promise.resolve(set as unknown as RecordSet<Type>);
  };
  return { ask, asked };
}

const target = (more: Partial<NameTarget> = {}): NameTarget => {
  return { host: 'carrier.example', port: undefined, transport: undefined, ...more };
};

const hosts = [
  a('one.example', '192.0.2.1', 300),
  aaaa('one.example', '2001:db8::1', 300),
  a('two.example', '192.0.2.2', 300),
];

test('CALL-02 a name with a port stands for its addresses alone, IPv6 first', async () => {
  const { ask, asked } = zone([
    a('carrier.example', '192.0.2.9', 40),
    aaaa('carrier.example', '2001:db8::9', 20),
  ]);
  const { servers, ttlSeconds } = await lookUp(ask, target({ port: 5070 }));
  assert.deepEqual(servers, [
    {
      priority: 0,
      weight: 0,
      transport: 'udp',
      addresses: ['[2001:db8::9]:5070', '192.0.2.9:5070'],
      record: 'AAAA, A carrier.example',
    },
  ]);
  assert.equal(ttlSeconds, 20);
  assert.deepEqual(asked, ['AAAA carrier.example', 'A carrier.example']);
});

test('CALL-02 NAPTR says by which transport, the first that is spoken here (RFC 3263 §4.1)', async () => {
  const { ask, asked } = zone([
    naptr('carrier.example', 'SIPS+D2T', '_sips._tcp.carrier.example', 1),
    naptr('carrier.example', 'SIP+D2U', '_sip._udp.carrier.example', 30),
    naptr('carrier.example', 'SIP+D2T', '_sip._tcp.other.example', 20),
    srv('_sip._tcp.other.example', 'one.example', { port: 5062 }, 50),
    ...hosts,
  ]);
  const { servers, ttlSeconds } = await lookUp(ask, target());
  assert.deepEqual(
    servers.map(({ transport, addresses }) => [transport, addresses]),
    [['tcp', ['[2001:db8::1]:5062', '192.0.2.1:5062']]],
  );
  assert.match(
    servers[0]?.record ?? '',
    /^NAPTR SIP\+D2T to SRV _sip\._tcp\.other\.example 10 0 to/,
  );
  assert.equal(ttlSeconds, 50);
  assert.ok(!asked.includes('SRV _sip._udp.carrier.example'));
});

test('CALL-02 without NAPTR the SRV records of each transport are looked for, UDP first', async () => {
  const udp = [srv('_sip._udp.carrier.example', 'one.example'), ...hosts];
  const tcp = [srv('_sip._tcp.carrier.example', 'two.example'), ...hosts];
  const both = await lookUp(zone([...tcp, ...udp]).ask, target());
  assert.deepEqual(
    both.servers.map(({ transport }) => transport),
    ['udp'],
  );
  const only = await lookUp(zone(tcp).ask, target());
  assert.deepEqual(
    only.servers.map(({ transport }) => transport),
    ['tcp'],
  );
});

test('CALL-02 with a transport neither NAPTR nor another transport is asked for', async () => {
  const { ask, asked } = zone([srv('_sip._tcp.carrier.example', 'two.example'), ...hosts]);
  const { servers } = await lookUp(ask, target({ transport: 'tcp' }));
  assert.deepEqual(
    servers.map(({ addresses }) => addresses),
    [['192.0.2.2:5060']],
  );
  assert.ok(!asked.some((each) => each.startsWith('NAPTR') || each.includes('_udp')));
});

test('CALL-02 without SRV the name’s own addresses are used, at the transport’s port', async () => {
  const { servers } = await lookUp(zone([a('carrier.example', '192.0.2.9')]).ask, target());
  assert.deepEqual(
    servers.map(({ addresses, transport }) => [transport, addresses]),
    [['udp', ['192.0.2.9:5060']]],
  );
});

test('CALL-02 a service that is decidedly not there has no address (RFC 2782)', async () => {
  const records = [srv('_sip._udp.carrier.example', '.'), a('carrier.example', '192.0.2.9')];
  assert.deepEqual((await lookUp(zone(records).ask, target({ transport: 'udp' }))).servers, []);
});

test('CALL-02 a name that does not exist has no address, for as long as that holds', async () => {
  assert.deepEqual(await lookUp(zone([]).ask, target()), { servers: [], ttlSeconds: 30 });
});

test('CALL-02 one server without an answer does not keep the others away, and is asked for soon', async () => {
  const records = [
    srv('_sip._udp.carrier.example', 'one.example', {}, 3600),
    srv('_sip._udp.carrier.example', 'two.example', {}, 3600),
    ...hosts,
  ];
  const dead = zone(records, ['A two.example', 'AAAA two.example']);
  const { servers } = await lookUp(dead.ask, target({ transport: 'udp' }));
  assert.deepEqual(
    servers.map(({ addresses }) => addresses[1]),
    ['192.0.2.1:5060'],
  );
  const half = zone(records, ['AAAA one.example']);
  const partly = await lookUp(half.ask, target({ transport: 'udp' }));
  assert.deepEqual(partly.servers[0]?.addresses, ['192.0.2.1:5060']);
  assert.equal(partly.ttlSeconds, 30);
});

test('CALL-02 where nobody answers the look-up fails', async () => {
  const broken = ['SRV _sip._udp.carrier.example'];
  await assert.rejects(lookUp(zone(hosts, broken).ask, target({ transport: 'udp' })), /away/);
});

test('CALL-02 of very many records only the nearest are used', async () => {
  const many = Array.from({ length: 50 }, (_, at) => {
    return srv('_sip._udp.carrier.example', 'one.example', { priority: 50 - at, port: 6000 + at });
  });
  const { servers } = await lookUp(zone([...many, ...hosts]).ask, target({ transport: 'udp' }));
  assert.equal(servers.length, 16);
  assert.deepEqual(servers[0]?.priority, 1);
});
