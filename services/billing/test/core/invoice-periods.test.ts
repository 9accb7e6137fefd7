import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { localTimeAt } from '@tandem/time-zones';
import {
  lastPeriod,
  localDay,
  periodEnd,
  periodStart,
  startOfNamedDay,
} from '../../src/core/invoice-periods.ts';

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

test('BILL-06 a month begins and ends at midnight of the account, through daylight saving', () => {
  const { fromMs, untilMs } = lastPeriod('Europe/London', 'month', Date.parse('2026-04-10T12:00:00Z')); // prettier-ignore
  assert.deepEqual(
    [iso(fromMs), iso(untilMs)],
    ['2026-03-01T00:00:00.000Z', '2026-03-31T23:00:00.000Z'],
  );
});

test('BILL-06 a day on which clocks change has 23 or 25 hours', () => {
  const hours = (zone: string, day: string) => {
    const fromMs = startOfNamedDay(zone, day) ?? NaN;
    return (periodEnd(zone, 'day', fromMs) - fromMs) / 3_600_000;
  };
  assert.equal(hours('Europe/London', '2026-03-29'), 23);
  assert.equal(hours('Europe/London', '2026-10-25'), 25);
  assert.equal(hours('Australia/Lord_Howe', '2026-10-04'), 23.5);
});

test('BILL-06 a day without a midnight begins when clocks have gone forward', () => {
  assert.equal(iso(startOfNamedDay('Africa/Cairo', '2026-04-24')), '2026-04-23T22:00:00.000Z');
  assert.equal(localTimeAt('Africa/Cairo', Date.parse('2026-04-23T22:00:00Z')).minute, 60);
  assert.equal(startOfNamedDay('Europe/London', '2026-02-30'), undefined);
});

test('BILL-06 periods follow each other without gap or overlap, at every place and moment', () => {
  const zone = fc.constantFrom('UTC', 'Europe/London', 'America/St_Johns', 'America/Sao_Paulo', 'Africa/Cairo', 'Pacific/Apia', 'Asia/Kathmandu', 'America/Havana', 'Australia/Lord_Howe'); // prettier-ignore
  const period = fc.constantFrom('day' as const, 'week' as const, 'month' as const);
  const moment = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2036, 0, 1) });
  fc.assert(
    fc.property(zone, period, moment, (timeZone, length, atMs) => {
      const start = periodStart(timeZone, length, atMs);
      const end = periodEnd(timeZone, length, atMs);
      assert.ok(start <= atMs, `${iso(start) ?? ''} is behind ${iso(atMs) ?? ''}`);
      assert.ok(end > start);
      assert.equal(periodStart(timeZone, length, end), end);
      assert.equal(periodEnd(timeZone, length, start), end);
      // Nothing before its midnight is in it.
      assert.ok(localDay(timeZone, start - 1) < localDay(timeZone, start));
    }),
    { numRuns: 500 },
  );
});
