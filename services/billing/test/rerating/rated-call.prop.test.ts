import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateSheet, configurationSchema, snapshotOf } from '@tandem/config';
import { encodeCallEvent } from '@tandem/events';
import { Terms } from '@tandem/proto/billing';
import fc from 'fast-check';
import { rateAgain } from '../../src/rerating/rated-call.ts';
import { endedEvent, terms } from '../support/call-events.ts';

/** 2026-03-29: clocks go forward in London; a rate of each of these hours may begin or end. */
const DAY = Date.UTC(2026, 2, 29);
const HOUR = 3_600_000;

interface PlainRate {
  readonly prefix: string;
  /** In 1e-9. */
  readonly perMinute: number;
  readonly fee: number;
  readonly first: number;
  readonly next: number;
  readonly free: number;
  /** Hours of the day. */
  readonly from: number | undefined;
  readonly until: number | undefined;
}

const rates = fc.uniqueArray(
  fc.record({
    prefix: fc.constantFrom('4', '44', '442', '4420', '49', '1'),
    perMinute: fc.nat(3_000_000_000),
    fee: fc.constantFrom(0, 1, 50_000_000),
    first: fc.integer({ min: 1, max: 90 }),
    next: fc.integer({ min: 1, max: 90 }),
    free: fc.constantFrom(0, 0, 1, 30),
    from: fc.option(fc.integer({ min: 0, max: 11 }), { nil: undefined }),
    until: fc.option(fc.integer({ min: 12, max: 23 }), { nil: undefined }),
  }),
  { selector: ({ prefix }) => prefix, maxLength: 6 },
);

const calls = fc.record({
  callee: fc.constantFrom('442079460000', '+442079460000', '441', '4930', '33', '12025550100'),
  hour: fc.nat(23),
  /** A call at the very moment of a change, or a millisecond before it. */
  early: fc.nat(1),
  ms: fc.nat(400_000),
  rounding: fc.constantFrom('up', 'half', 'down'),
  /** That of the caller, or of the second reseller above it (ADR 101). */
  side: fc.constantFrom('call', 'level'),
});

/** The price by the words of BILL-02 and BILL-11, second by second. */
function reference(rate: PlainRate, ms: number, rounding: string): bigint {
  let seconds = Math.floor(ms / 1000);
  const rest = ms - seconds * 1000;
  if ((rounding === 'up' && rest > 0) || (rounding === 'half' && rest >= 500)) seconds += 1;
  seconds = Math.max(1, seconds) - rate.free;
  if (seconds <= 0) return 0n;
  let billed = rate.first;
  while (billed < seconds) billed += rate.next;
  const sixtieths = BigInt(rate.perMinute) * BigInt(billed);
  const whole = sixtieths / 60n;
  return BigInt(rate.fee) + (2n * (sixtieths - whole * 60n) >= 60n ? whole + 1n : whole);
}

function money(nanos: number): string {
  return (BigInt(nanos) + 10n ** 9n).toString().replace(/^(\d+)(\d{9})$/, (_all, whole: string, rest: string) => `${(BigInt(whole) - 1n).toString()}.${rest}`); // prettier-ignore
}

test('BILL-06 BILL-01 a call is rated once more at each level as a plain reference rates it, by the rate in effect when it began', () => {
  fc.assert(
    fc.property(rates, calls, (sheet, call) => {
      const at = (hour: number): string => new Date(DAY + hour * HOUR).toISOString();
      const written = sheet.map(({ fee, first, free, from, next, perMinute, prefix, until }) => ({
        prefix,
        pricePerMinute: money(perMinute),
        connectionFee: money(fee),
        firstIncrement: first,
        nextIncrement: next,
        freeSeconds: free,
        ...(from === undefined ? {} : { effectiveFrom: at(from) }),
        ...(until === undefined ? {} : { effectiveUntil: at(until) }),
      }));
      const rateGroups = [{ name: 'standard', currency: 'USD', rates: written }];
      const packed = snapshotOf(1, configurationSchema.parse({ rateGroups })).lists.rates.get('standard'); // prettier-ignore
      assert.ok(packed);
      const startedMs = DAY + call.hour * HOUR - call.early;
      const own = terms({ account: 'owner', rounding: call.rounding });
      const north = terms({ account: 'north', rounding: call.rounding === 'up' ? 'down' : 'up' });
      const customerTerms = Terms.encode(call.side === 'call' ? own : { ...north, account: 'demo', resellers: [north, own] }).finish(); // prettier-ignore
      const answeredMs = startedMs + 3000;
      const base = endedEvent('a');
      const event = encodeCallEvent({ ...base, startedMs, answeredMs, endedMs: answeredMs + call.ms, customerTerms: Buffer.from(customerTerms), a: { ...base.a, callee: call.callee } as typeof base.a }); // prettier-ignore
      const found = rateAgain(
        { side: call.side, account: 'owner', startedMs, event, before: 0n, currency: 'USD' },
        { group: { name: 'standard', currency: 'USD', sheet: new RateSheet(packed) } },
      );
      const bare = call.callee.replace('+', '');
      const expected = sheet
        .filter(({ from, prefix, until }) =>
          bare.startsWith(prefix) && (from === undefined || startedMs >= DAY + from * HOUR) && (until === undefined || startedMs < DAY + until * HOUR))
        .sort((one, other) => other.prefix.length - one.prefix.length)[0]; // prettier-ignore
      assert.equal(found.callee, bare);
      assert.equal(found.after, expected === undefined ? undefined : reference(expected, call.ms, call.rounding)); // prettier-ignore
    }),
    { numRuns: 100 },
  );
});

test('BILL-06 the number that the rules of the calling side have left is the one that is rated', () => {
  const decision = (subject: string, facts: readonly [string, string][]) => ({
    service: 'routing',
    check: 'number-rule',
    result: 'passed',
    subject,
    reason: '',
    facts: facts.map(([name, value]) => ({ name, value })),
    atMs: 1,
  });
  const event = encodeCallEvent({
    ...endedEvent('a'),
    decisions: [
      decision('callee 4930', [['before', '0030']]),
      decision('callee 9911', [['before', '4930'], ['gateway', 'carrier-a']]),
      decision('caller 1', [['before', '2']]),
    ],
  }); // prettier-ignore
  const found = rateAgain(
    { side: 'call', account: 'demo', startedMs: DAY, event, before: 0n, currency: 'USD' },
    { group: undefined },
  );
  assert.equal(found.callee, '4930');
  assert.equal(found.after, undefined);
  assert.match(found.why, /no rate group/);
});
