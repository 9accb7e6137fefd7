import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DnsClient } from '../src/dns-client.ts';
import { TestNameServer, aRecord as a, srvRecord as srv } from '@tandem/testing';

async function opened(
  t: { after(work: () => Promise<void>): void },
  records: Parameters<typeof TestNameServer.start>[0],
): Promise<{ server: TestNameServer; client: DnsClient }> {
  const server = await TestNameServer.start(records);
  const client = new DnsClient({ servers: [server.place], timeoutMs: 1000 });
  t.after(async () => {
    client.close();
    await server.close();
  });
  return { server, client };
}

test('CALL-02 records of a name come with the least of their TTLs', async (t) => {
  const { client } = await opened(t, [
    a('h.example', '192.0.2.1', 60),
    a('h.example', '192.0.2.2', 20),
  ]);
  assert.deepEqual(await client.ask('H.example', 'A'), {
    records: ['192.0.2.1', '192.0.2.2'],
    ttlSeconds: 20,
  });
  assert.deepEqual(await client.ask('h.example', 'SRV'), { records: [], ttlSeconds: 60 });
});

test('CALL-02 a CNAME is followed, and its TTL counts', async (t) => {
  const { client } = await opened(t, [
    { type: 'CNAME', name: 'alias.example', data: 'h.example', ttl: 7 },
    a('h.example', '192.0.2.1', 60),
  ]);
  assert.deepEqual(await client.ask('alias.example', 'A'), {
    records: ['192.0.2.1'],
    ttlSeconds: 7,
  });
});

test('CALL-02 that there is no such name holds as long as the SOA says', async (t) => {
  const { client, server } = await opened(t, []);
  server.negativeTtl = 17;
  assert.deepEqual(await client.ask('h.example', 'A'), { records: [], ttlSeconds: 17 });
});

test('CALL-02 what does not fit into a datagram is asked for over TCP', async (t) => {
  const many = Array.from({ length: 40 }, (_, at) =>
    srv('_sip._udp.example', `host-${String(at)}.example`, { weight: at }),
  );
  const { client, server } = await opened(t, many);
  server.mood = 'truncating';
  const { records } = await client.ask('_sip._udp.example', 'SRV');
  assert.equal(records.length, 40);
  assert.deepEqual(server.asked, ['SRV _sip._udp.example udp', 'SRV _sip._udp.example tcp']);
});

test('CALL-02 a server that is silent or fails is passed over for the next one', async (t) => {
  const { server: first } = await opened(t, []);
  const { server: second } = await opened(t, [a('h.example', '192.0.2.1')]);
  const client = new DnsClient({ servers: [first.place, second.place], timeoutMs: 500 });
  for (const mood of ['silent', 'failing'] as const) {
    first.mood = mood;
    assert.deepEqual((await client.ask('h.example', 'A')).records, ['192.0.2.1'], mood);
  }
  client.close();
});

test('CALL-02 where no server answers the question fails, and says how', async (t) => {
  const { client, server } = await opened(t, []);
  server.mood = 'failing';
  await assert.rejects(client.ask('h.example', 'A'), /127\.0\.0\.1: it says SERVFAIL/);
  server.mood = 'silent';
  await assert.rejects(client.ask('h.example', 'A'), /127\.0\.0\.1: no answer in time/);
  await assert.rejects(new DnsClient({ servers: [] }).ask('h.example', 'A'), /no name server/);
  const asking = client.ask('h.example', 'A');
  client.close();
  await assert.rejects(asking);
});
