import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cdr } from '@tandem/proto/billing';
import { explain, type Explanation } from '../../src/core/explain.ts';
import { answeredCdr, attempt, failedCdr, made, refusedCdr } from '../calls.ts';

function explained(cdr: Cdr): Explanation {
  return explain({ kind: 'cdr', cdr });
}

const address = '127.0.0.1:5070';
const answered = (code: number, gateway: string) =>
  made('final-response', `routing-gateway ${gateway}`, { code, phrase: '', address }, 'Rejected');

test('BILL-05 a call that ended with its money says what there was, and what more would have cost', () => {
  const { change, summary } = explained(
    answeredCdr({
      termination: { reason: 'BalanceUsedUp', code: 200, by: 'switch', text: '' },
      decisions: [
        made('money-ended', 'account demo', {
          endedAt: '2026-11-30T10:00:01.000Z',
          balance: '0.1',
          overdraft: '5',
          reserved: '5.1',
          needed: '0.0123',
          neededFor: 60,
        }),
      ],
    }),
  );
  assert.match(
    summary,
    /by the switch, since the money of account demo had ended: it had 0\.1 and an overdraft of 5, of which its calls had reserved 5\.1, and another 60 s cost 0\.0123;/,
  );
  assert.match(change ?? '', /`tandem accounts pay demo AMOUNT --reference R`/);
});

test('BILL-05 BILL-01 a call that ended with the money of a reseller names it, and whom to pay for', () => {
  const facts = { endedAt: '2026-11-30T10:00:01.000Z', balance: '0.1', overdraft: '0', reserved: '0.1', needed: '0.01', neededFor: 1 }; // prettier-ignore
  const { change, summary } = explained(
    answeredCdr({
      termination: { reason: 'BalanceUsedUp', code: 200, by: 'switch', text: '' },
      decisions: [made('money-ended', 'account north', facts)],
    }),
  );
  assert.match(
    summary,
    /since the money of reseller north of account demo had ended: it had 0\.1 /,
  );
  assert.match(change ?? '', /`tandem accounts pay north AMOUNT --reference R`/);
});

test('OPS-02 a call that an operator ended says who', () => {
  const termination = { reason: 'EndedByOperator', code: 200, by: 'switch', text: 'mary' };
  const { summary } = explained(answeredCdr({ termination }));
  assert.match(summary, /ended after 61\.5 s by an operator \(mary\), who hung up;/);
});

test('RFC 3326 who hung up and said why is told with it', () => {
  const told = (text: string): string =>
    explained(
      answeredCdr({ termination: { reason: 'NormalClearing', code: 200, by: 'callee', text } }),
    ).summary;
  assert.match(told(''), /by the callee, who hung up;/);
  assert.match(
    told('Q.850;cause=41;text="Temporary failure"'),
    /by the callee, who hung up and said why: cause 41 of Q\.850, Temporary failure;/,
  );
});

test('CALL-08 an answer that takes nothing of what was offered is told', () => {
  const between = (offer: string[], answer: string[], relayed = false): string =>
    explained(
      answeredCdr({
        a: { callee: '4420', caller: '1001', sipCallId: 'a@caller', codecs: offer } as never,
        b: { callee: '4420', caller: '1001', sipCallId: 'call-1', codecs: answer } as never,
        decisions: relayed
          ? [made('media-anchored', 'call', { relay: 'r', policy: 'required', why: 'mode anchor' })]
          : [],
      }),
    ).summary;
  const dtmf = 'telephone-event/8000';
  assert.match(
    between(['PCMU/8000', dtmf], ['G729/8000', dtmf]),
    /nobody can have been heard: the answer of carrier-a takes G729\/8000, of which nothing was offered \(PCMU\/8000\)/,
  );
  assert.match(between(['PCMU/8000'], []), /has no audio in a session description/);
  for (const fine of [
    between(['PCMU/8000'], ['pcmu/8000/1']),
    between([], ['PCMU/8000']),
    between(['PCMU/8000'], ['opus/48000/2'], true),
  ]) {
    assert.doesNotMatch(fine, /nobody can have been heard/);
  }
});

test('DENY-18 a refusal for media says what was offered', () => {
  const cdr = failedCdr(
    { reason: 'Rejected', code: 488 },
    [attempt({ code: 488 })],
    [answered(488, 'carrier-a')],
  );
  if (cdr.event?.a !== undefined) cdr.event.a.codecs = ['PCMU/8000', 'G722/8000'];
  assert.match(explained(cdr).summary, /; the caller had offered PCMU\/8000, G722\/8000\.$/);
});

test('ROUTE-06 of several answers the one that went back is told, and which failed besides', () => {
  const best = made('best-response', 'caller', { code: 404, last: 503, attempts: 2 });
  const { summary } = explained(
    failedCdr(
      { reason: 'Rejected', code: 404 },
      [attempt({ code: 404, text: 'Not Found' }), attempt({ gateway: 'carrier-b' })],
      [answered(404, 'carrier-a'), answered(503, 'carrier-b'), best],
    ),
  );
  assert.match(
    summary,
    /^Failed with 404 Not Found: routing gateway carrier-a answered 404: .* \(2 attempts; besides, routing gateway carrier-b answered 503: it takes no calls at this moment\)\.$/,
  );
});

test('DENY-18 a code that became another one is told with the rule that made it', () => {
  const mapped = made('code-mapped', 'routing-gateway carrier-a', {
    from: 503,
    to: 500,
    map: 'RFC 3261 16.7',
  });
  const { summary } = explained(
    failedCdr(
      { reason: 'Rejected', code: 500, text: 'Service Unavailable' },
      [attempt()],
      [answered(503, 'carrier-a'), mapped],
    ),
  );
  assert.match(
    summary,
    /^Failed with 500 Server Internal Error: .*; 503 was told as 500: a 503 of/,
  );
});

test('DENY-18 a refusal for the number says how it was sent, where that is not how it was dialled', () => {
  const cdr = failedCdr(
    { reason: 'Rejected', code: 404 },
    [attempt({ code: 404 })],
    [answered(404, 'carrier-a')],
  );
  assert.doesNotMatch(explained(cdr).summary, /was sent there as/);
  if (cdr.event !== undefined) cdr.event.b = { ...cdr.event.a, callee: '2079460000' } as never;
  assert.match(explained(cdr).summary, /; 442079460000 was sent there as 2079460000\.$/);
});

test('CALL-07 an answer that nobody confirmed is told with where it went', () => {
  const { change, summary } = explained(
    answeredCdr({
      termination: { reason: 'NoAck', code: 200, by: 'switch', text: '' },
      decisions: [
        made('caller-elsewhere', 'mapping-gateway pbx', {
          source: '192.0.2.7:40312',
          via: '10.0.0.7:5060',
          contact: '',
          replyAddress: 'via',
        }),
      ],
    }),
  );
  assert.match(
    summary,
    /no ACK within 32 s\): mapping gateway pbx was heard from 192\.0\.2\.7:40312, and gives itself as Via 10\.0\.0\.7:5060 \(replyAddress: via\);/,
  );
  assert.match(change ?? '', /Set replyAddress: socket for mapping gateway pbx/);
});

test('ROUTE-12 a gateway that was locked while another one failed is told with what would change it', () => {
  const { change, summary } = explained(
    failedCdr(
      { reason: 'Rejected', code: 404 },
      [attempt({ code: 404 })],
      [
        made('gateway-locked', 'routing-gateway good', { prefix: '44', lock: 'bar-all' }),
        made('gateway-for-longest-prefix', 'routing-gateway other', {
          prefix: '4',
          prefixMode: 'expiration',
          longestPrefix: '44',
        }),
        answered(404, 'carrier-a'),
      ],
    ),
  );
  assert.match(summary, /; good was not tried, because it is locked \(lock: bar-all\)\.$/);
  assert.match(change ?? '', / Or: Unlock it: `tandem routing-gateways set good lock=none`\.$/);
});

test('DENY-19 what a client says of a part that is away is told in words, with its address', () => {
  const told = (error: string): string =>
    explained(refusedCdr('ServiceUnavailable', 503, [made('part-away', 'auth', { error })]))
      .summary;
  for (const [error, words] of [
    [
      '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.7:7001. Resolution note: ',
      /away when the call needed it: nobody takes connections at 10\.0\.0\.7:7001\.$/,
    ],
    [
      '4 DEADLINE_EXCEEDED: Deadline exceeded after 2.001s,LB pick: 0.001s',
      /it did not answer in time\.$/,
    ],
    ['Connection is closed.', /the connection broke\.$/],
    ['no answer', /away when the call needed it: no answer\.$/],
    ['auth is away', /the service auth, which says who calls, was away when the call needed it\.$/],
    [
      'auth: SWITCH_STORE_UNAVAILABLE: redis is away',
      /: Redis, which holds .*, was away when auth asked it\.$/,
    ],
    [
      'routing: SWITCH_SERVICE_UNAVAILABLE: registrar is away',
      /: the service registrar, which knows where phones are, was away when routing asked it\.$/,
    ],
  ] as const) {
    assert.match(told(error), words);
  }
});
