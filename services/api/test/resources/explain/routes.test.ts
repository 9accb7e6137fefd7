import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import type { Cdr, ListCdrsRequest } from '@tandem/proto/billing';
import { Call, type GetCallResponse } from '@tandem/proto/edge';
import type { JournalEntry } from '@tandem/proto/journal';
import type { KeptMessage } from '@tandem/proto/messages';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';
import { answeredCdr, made, refusedCdr } from '../../calls.ts';
import { NOON, entryOf, journalPort } from '../../journal-port.ts';
import type { ExplanationView } from '../../../src/resources/explain/schemas.ts';

function billingWith(cdrs: Cdr[], seen: ListCdrsRequest[] = []) {
  return {
    ...emptyPorts().billing,
    listCdrs: (request: ListCdrsRequest) => {
      seen.push(request);
      return Promise.resolve({ cdrs, nextCursor: 'next' });
    },
    getCdr: () => Promise.resolve({ cdrs }),
  };
}

function edgeWith(call: Call | undefined) {
  return {
    ...emptyPorts().edge,
    getCall: (): Promise<GetCallResponse> => Promise.resolve({ call }),
  };
}

const away = () => Promise.reject(new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'away'));

test('OPS-09 explain tells a call from its CDR, and names others with that Call-ID', async () => {
  const money = { status: 'active', balance: '0.0041', overdraft: '0' } as const;
  const deciding = made('balance-used-up', 'account demo', money);
  const newest = refusedCdr('InsufficientBalance', 403, [deciding]);
  const older = { ...answeredCdr(), callId: 'call-0' };
  const api = await apiUnderTest({ billing: billingWith([newest, older]) });
  const explanation = (await api.ask({ url: '/api/v1/explain/a%40caller' }))
    .body as ExplanationView;
  assert.equal(
    explanation.summary,
    'Refused with 403 Insufficient balance: account demo has 0.0041 and an overdraft of 0.',
  );
  assert.deepEqual(explanation.others, ['call-0']);
  assert.deepEqual(explanation.steps[0]?.decision.facts, money);
  await api.server.close();
});

test('OPS-09 explain tells a call in progress, also while billing is away', async () => {
  const call = Call.create({ callId: 'call-9', state: 'answered', gateway: 'carrier-a' });
  const billing = { ...emptyPorts().billing, getCdr: away };
  const api = await apiUnderTest({ billing, edge: edgeWith(call) });
  const { body } = await api.ask({ url: '/api/v1/explain/call-9' });
  assert.equal((body as ExplanationView).summary, 'In progress: answered at carrier-a.');
  await api.server.close();
});

test('OPS-09 explain prefers the CDR of a call that has just ended, and a newer call to an older CDR', async () => {
  const ended = await apiUnderTest({
    billing: billingWith([answeredCdr()]),
    edge: edgeWith(Call.create({ callId: 'call-1', state: 'answered' })),
  });
  const first = (await ended.ask({ url: '/api/v1/explain/call-1' })).body as ExplanationView;
  assert.equal(first.outcome, 'answered');
  await ended.server.close();
  const again = await apiUnderTest({
    billing: billingWith([answeredCdr()]),
    edge: edgeWith(Call.create({ callId: 'call-2', state: 'ringing' })),
  });
  const second = (await again.ask({ url: '/api/v1/explain/a%40caller' })).body as ExplanationView;
  assert.deepEqual(
    [second.callId, second.outcome, second.others],
    ['call-2', 'in-progress', ['call-1']],
  );
  await again.server.close();
});

test('OPS-09 explain says that a call is not known only where both were asked', async () => {
  const none = await apiUnderTest();
  assert.equal((await none.ask({ url: '/api/v1/explain/x' })).status, 404);
  assert.equal((await none.ask({ url: '/api/v1/cdrs/x' })).status, 404);
  await none.server.close();
  const all = { getCdr: away, getCall: away, listEntries: away };
  const asked = async (
    parts: Partial<typeof all>,
    messages: KeptMessage[] = [],
  ): Promise<[number, ExplanationView]> => {
    const { billing, edge } = emptyPorts();
    const journal = journalPort([], {
      listEntries: () => Promise.resolve({ entries: [], nextCursor: '' }),
      listMessages: () => Promise.resolve({ messages, hasMore: false, keptSinceMs: 0 }),
      ...(parts.listEntries === undefined ? {} : { listEntries: away }),
    });
    const api = await apiUnderTest({ billing: { ...billing, ...parts }, edge: { ...edge, ...parts }, journal }); // prettier-ignore
    const { body, status } = await api.ask({ url: '/api/v1/explain/x' });
    await api.server.close();
    return [status, body];
  };
  for (const [part, sought] of [
    ['getCdr', 'calls that ended'],
    ['getCall', 'calls in progress'],
    ['listEntries', 'the journal'],
  ] as const) {
    const [status, { missing, outcome, summary }] = await asked({ [part]: away });
    assert.deepEqual([status, outcome], [200, 'unknown']);
    assert.match(missing.join(), new RegExp(`^${sought} \\(.+\\)$`));
    assert.match(
      summary,
      new RegExp(`^What became of x cannot be said now: ${sought} \\(.+\\) could not be asked`),
    );
  }
  assert.equal((await asked(all))[0], 503);
});

test('OPS-09 while billing is away a call is told by its messages, and what the journal has of it is told as ever', async () => {
  const said = (isSent: boolean, first: string): KeptMessage => ({
    atMs: NOON,
    bytes: Buffer.from(`${first}\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n`),
    isSent,
    ...{
      connection: 0,
      local: '127.0.0.1:5060',
      remote: '192.0.2.7:5060',
      pod: 'edge-1',
      transport: 'udp',
    },
  });
  const messages = [said(false, 'INVITE sip:441@x SIP/2.0'), said(true, 'SIP/2.0 403 Forbidden')];
  const { billing } = emptyPorts();
  const told = async (entries: JournalEntry[]): Promise<ExplanationView> => {
    const journal = journalPort(entries, {
      listMessages: () => Promise.resolve({ messages, hasMore: false, keptSinceMs: 0 }),
    });
    const api = await apiUnderTest({ billing: { ...billing, getCdr: away }, journal });
    const { body } = await api.ask({ url: '/api/v1/explain/x' });
    await api.server.close();
    return body;
  };
  assert.match(
    (await told([])).summary,
    /by its SIP messages INVITE came from 192\.0\.2\.7:5060 at 2026-06-15T12:00:00\.000Z, and the last answer to it was 403 Forbidden\.$/,
  );
  const { missing, outcome } = await told([entryOf()]);
  assert.equal(outcome, 'refused');
  assert.match(missing.join(), /^calls that ended \(/);
});
