import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptMessage, Trace } from '@tandem/proto/messages';
import type { CreateTraceRequest } from '@tandem/proto/messages';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';
import { journalPort } from '../../journal-port.ts';

const headers = { 'content-type': 'application/json' };

async function open() {
  const asked: CreateTraceRequest[] = [];
  const untilMs = Date.now() + 60_000;
  const trace = Trace.create({ id: 't1', about: 'number 44', createdMs: 1000, untilMs, most: 10 });
  const ports = emptyPorts();
  const address = { uri: 'sip:192.0.2.9', transport: 'udp', address: '192.0.2.9:5060' };
  let reads = 0;
  const api = await apiWithExample({
    routing: {
      ...ports.routing,
      listCheckTargets: ({ gateway }) => {
        const isKnown = gateway === 'carrier-a';
        const addresses = isKnown ? [address] : [];
        return Promise.resolve({ isKnown, addresses, names: [], isDynamic: false });
      },
    },
    journal: journalPort([], {
      createTrace: (request) => {
        asked.push(request);
        return Promise.resolve({ trace });
      },
      listTraces: () => Promise.resolve({ traces: [trace] }),
      endTrace: ({ id }) =>
        Promise.resolve({ trace: id === 't1' ? { ...trace, endedMs: 2000 } : undefined }),
      readTrace: ({ after, id }) => {
        reads += 1;
        const isThere = reads > 2 && after < 7;
        const message = KeptMessage.create({ atMs: 1500, bytes: Buffer.from('SIP/2.0 200 OK\r\nCall-ID: a\r\n\r\n') }); // prettier-ignore
        return Promise.resolve({
          trace: id === 't1' ? trace : undefined,
          messages: isThere ? [message] : [],
          last: isThere ? 7 : after,
        });
      },
    }),
  });
  const create = (body: object) =>
    api.ask({ method: 'POST', url: '/api/v1/traces', payload: JSON.stringify(body), headers });
  const ask = (request: { url: string; method?: 'DELETE' }) => api.ask(request);
  return { ask, asked, create };
}

test('OPS-03 a trace is of an address, a number, a phone or a gateway with its addresses', async () => {
  const { asked, create } = await open();
  for (const body of [
    { number: '44' },
    { address: '192.0.2.0/24', seconds: 30 },
    { phone: '1001' },
    { gateway: 'carrier-a' },
    { gateway: 'demo-trunk' },
  ]) {
    assert.equal((await create(body)).status, 200);
  }
  assert.deepEqual(
    asked.map(({ about, addresses, seconds, users }) => [about, addresses, users, seconds]),
    [
      ['number 44', [], ['44'], 300],
      ['address 192.0.2.0/24', ['192.0.2.0/24'], [], 30],
      ['phone 1001', [], ['1001'], 300],
      ['gateway carrier-a', ['192.0.2.9'], [], 300],
      ['gateway demo-trunk', ['127.0.0.2/32'], [], 300],
    ],
  );
});

test('OPS-03 what cannot be traced is refused with what would be right', async () => {
  const { asked, create } = await open();
  for (const [body, status, words] of [
    [{}, 400, /one of address, gateway, phone and number/],
    [{ phone: '1001', number: '44' }, 400, /one of address/],
    [{ address: '192.0.2.5/24' }, 400, /192\.0\.2\.5\/32/],
    [{ phone: 'nobody' }, 404, /there is no phone/],
    [{ gateway: 'nowhere' }, 404, /there is no gateway/],
    [{ number: '44', seconds: 90_000 }, 400, /seconds/],
  ] as const) {
    const answer = await create(body);
    assert.equal(answer.status, status);
    assert.match(answer.text, words);
  }
  assert.deepEqual(asked, []);
});

test('OPS-03 who waits gets the messages as they come, and reads on behind them', async () => {
  const { ask } = await open();
  const { body } = await ask({ url: '/api/v1/traces/t1/messages?wait=20' });
  const page = body as { readonly messages: readonly { summary: string }[]; readonly next: string };
  assert.deepEqual([page.messages.map(({ summary }) => summary), page.next], [['200 OK'], '7']);
  const next = await ask({ url: `/api/v1/traces/t1/messages?after=${page.next}` });
  assert.deepEqual((next.body as typeof page).messages, []);
});

test('OPS-03 a trace is listed and ended; one that there is not is told so', async () => {
  const { ask } = await open();
  const listed = await ask({ url: '/api/v1/traces' });
  assert.equal((listed.body as { traces: { ended: unknown }[] }).traces[0]?.ended, null);
  const ended = await ask({ method: 'DELETE', url: '/api/v1/traces/t1' });
  assert.equal((ended.body as { ended: string }).ended, '1970-01-01T00:00:02.000Z');
  assert.equal((await ask({ method: 'DELETE', url: '/api/v1/traces/t2' })).status, 404);
  assert.equal((await ask({ url: '/api/v1/traces/t2/messages' })).status, 404);
});
