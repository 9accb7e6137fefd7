import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { ListCdrsRequest } from '@tandem/proto/billing';
import { Call, ListCallsRequest } from '@tandem/proto/edge';
import { ListEntriesRequest } from '@tandem/proto/journal';
import type { CandidateView, ExplanationView } from '../../../src/resources/explain/schemas.ts';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';
import { answeredCdr, refusedCdr } from '../../calls.ts';
import { entryOf, journalPort } from '../../journal-port.ts';

interface ListView {
  readonly candidates: readonly CandidateView[];
  readonly hasMore: boolean;
  readonly missing: readonly string[];
}

const loop = entryOf({
  id: 'life.7',
  cause: 'too-many-hops',
  caller: '1001',
  callee: '44',
  callIds: ['hop@caller'],
  lastMs: Date.parse('2026-06-15T12:00:05Z'),
  facts: [
    { name: 'method', value: 'INVITE' },
    { name: 'code', value: '483' },
    { name: 'via', value: '192.0.2.7 192.0.2.8' },
  ],
});

function portsAsked() {
  const asked = { calls: [] as unknown[], cdrs: [] as unknown[] };
  const journal = journalPort([loop]);
  const call = Call.create({ callId: 'live', startedMs: Date.now(), state: 'ringing' });
  const ports = {
    journal,
    edge: {
      ...emptyPorts().edge,
      listCalls: (request: ListCallsRequest) => {
        asked.calls.push(request);
        return Promise.resolve({ calls: [call], total: 1 });
      },
    },
    billing: {
      ...emptyPorts().billing,
      listCdrs: (request: ListCdrsRequest) => {
        asked.cdrs.push(request);
        return Promise.resolve({ cdrs: [refusedCdr('NoRate', 403, [])], nextCursor: '' });
      },
    },
  };
  return { ports, asked, journal };
}

test('OPS-09 what may be meant is found among calls in progress, CDRs and the journal, the latest first', async () => {
  const { ports, asked, journal } = portsAsked();
  const api = await apiUnderTest(ports);
  const url = '/api/v1/explain?caller=%2B1001&callee=44&address=192.0.2.7&from=2026-06-15';
  const { candidates } = (await api.ask({ url })).body as ListView;
  assert.deepEqual(
    candidates.map(({ id, kind }) => [id, kind]),
    [
      ['live', 'call'],
      ['call-1', 'ended-call'],
      ['life.7', 'request'],
    ],
  );
  assert.match(
    candidates[2]?.text ?? '',
    /^The INVITE of 1001 to 44 from 192\.0\.2\.7:5060 has passed/,
  );
  const fromMs = Date.parse('2026-06-15');
  const numbers = { caller: '+1001', callee: '44', fromMs, limit: 21 };
  assert.deepEqual(asked.calls, [
    ListCallsRequest.fromPartial({ ...numbers, address: '192.0.2.7' }),
  ]);
  assert.deepEqual(
    asked.cdrs.map((each) => ListCdrsRequest.fromPartial(each as ListCdrsRequest)),
    [ListCdrsRequest.fromPartial({ ...numbers, address: '192.0.2.7' })],
  );
  assert.deepEqual(journal.asked, [
    ListEntriesRequest.fromPartial({ ...numbers, source: '192.0.2.7' }),
  ]);
  await api.server.close();
});

test('OPS-09 a moment is a span around it, the nearest first; a phone is on either side', async () => {
  const { ports, asked } = portsAsked();
  const api = await apiUnderTest(ports);
  const url = '/api/v1/explain?phone=1001&at=2026-06-15T12:00:00Z&within=2';
  const { candidates } = (await api.ask({ url })).body as ListView;
  assert.equal(candidates[0]?.id, 'life.7');
  const span = {
    fromMs: Date.parse('2026-06-15T11:58Z'),
    untilMs: Date.parse('2026-06-15T12:02Z'),
  };
  assert.deepEqual(
    asked.cdrs.map((each) => ListCdrsRequest.fromPartial(each as ListCdrsRequest)),
    [
      ListCdrsRequest.fromPartial({ ...span, gateway: '1001', limit: 21 }),
      ListCdrsRequest.fromPartial({ ...span, callee: '1001', limit: 21 }),
    ],
  );
  await api.server.close();
});

test('OPS-09 the last failure is no call in progress, and none of a scanner', async () => {
  const { ports, asked } = portsAsked();
  const scanner = entryOf({ cause: 'scanner', facts: [{ name: 'method', value: 'INVITE' }] });
  const api = await apiUnderTest({ ...ports, journal: journalPort([scanner]) });
  const { candidates, hasMore } = (await api.ask({ url: '/api/v1/explain?failed=true&limit=1' }))
    .body as ListView;
  assert.deepEqual(
    candidates.map(({ id }) => id),
    ['call-1'],
  );
  assert.equal(hasMore, false);
  assert.equal(asked.calls.length, 0);
  assert.deepEqual(
    asked.cdrs.map((each) => ListCdrsRequest.fromPartial(each as ListCdrsRequest)),
    [ListCdrsRequest.fromPartial({ failed: true, limit: 2 })],
  );
  await api.server.close();
});

test('OPS-09 what cannot be asked is named, and an address that is none is refused', async () => {
  const { ports } = portsAsked();
  const away = () => Promise.reject(new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'away'));
  const billing = { ...ports.billing, listCdrs: away };
  const api = await apiUnderTest({ ...ports, billing });
  const { candidates, missing } = (await api.ask({ url: '/api/v1/explain?callee=44' }))
    .body as ListView;
  assert.deepEqual(missing, ['calls that ended']);
  assert.equal(candidates.length, 2);
  assert.equal((await api.ask({ url: '/api/v1/explain?address=here' })).status, 400);
  await api.server.close();
});

test('OPS-09 a request that was no call is explained by its Call-ID, and stands beside a call that has it', async () => {
  const alone = await apiUnderTest({ journal: journalPort([loop]) });
  const told = (await alone.ask({ url: '/api/v1/explain/hop%40caller' })).body as ExplanationView;
  assert.match(
    told.summary,
    /as many hops as it may .* by way of 192\.0\.2\.7, 192\.0\.2\.8; answered 483/,
  );
  assert.deepEqual([told.outcome, told.reason, told.code], ['refused', 'too-many-hops', 483]);
  assert.match(told.change ?? '', /goes round in a circle/);
  await alone.server.close();
  const billing = {
    ...emptyPorts().billing,
    getCdr: () => Promise.resolve({ cdrs: [answeredCdr()] }),
  };
  const both = await apiUnderTest({ billing, journal: journalPort([loop]) });
  const beside = (await both.ask({ url: '/api/v1/explain/a%40caller' })).body as ExplanationView;
  assert.equal(beside.outcome, 'answered');
  assert.equal(beside.entries[0]?.id, 'life.7');
  await both.server.close();
});

test('OPS-09 a call in progress is found by the Call-ID of its caller', async () => {
  const call = Call.create({ callId: 'live', state: 'ringing', sipCallId: 'a@caller' });
  const listCalls = ({ callId }: ListCallsRequest) =>
    Promise.resolve({ calls: callId === 'a@caller' ? [call] : [], total: 1 });
  const api = await apiUnderTest({ edge: { ...emptyPorts().edge, listCalls } });
  const told = (await api.ask({ url: '/api/v1/explain/a%40caller' })).body as ExplanationView;
  assert.deepEqual([told.callId, told.outcome], ['live', 'in-progress']);
  await api.server.close();
});
