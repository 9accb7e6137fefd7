import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { localTimeAt, timeZoneMistake, timeZonesVersion } from '../src/index.ts';

test('ROUTE-08 the data are those that are pinned, and newer than what Node has where clocks have changed since', () => {
  assert.equal(timeZonesVersion, '2026f');
  const noon = Date.parse('2026-12-01T12:00:00Z');
  const hours = (zone: string) => localTimeAt(zone, noon).minute / 60;
  assert.deepEqual(
    ['America/Winnipeg', 'America/Rainy_River', 'America/Inuvik', 'America/Havana', 'America/Edmonton', 'Africa/Casablanca'].map(hours), // prettier-ignore
    [7, 7, 6, 8, 6, 12],
  );
});

test('ROUTE-08 local time is that of the tables of others where those have not changed, through every change of clocks', () => {
  const zones = ['UTC', 'Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Chatham', 'Asia/Tokyo', 'Europe/Lisbon', 'America/Sao_Paulo']; // prettier-ignore
  const formats = new Map(
    zones.map((timeZone) => [
      timeZone,
      new Intl.DateTimeFormat('en-GB', {
        timeZone,
        hourCycle: 'h23',
        weekday: 'short',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
      }),
    ]),
  );
  const shown = (zone: string, atMs: number) => {
    const parts = formats.get(zone)?.formatToParts(atMs) ?? [];
    const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
    return {
      year: Number(part('year')),
      month: Number(part('month')),
      day: Number(part('day')),
      weekday: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday')),
      minute: Number(part('hour')) * 60 + Number(part('minute')),
    };
  };
  const minutes = (text: string) => Date.parse(text) / 60_000;
  const minute = fc.oneof(
    fc.integer({ min: minutes('1975-01-01T00:00:00Z'), max: minutes('2036-01-01T00:00:00Z') }),
    // London, New York and Lord Howe set their clocks.
    fc.integer({ min: -180, max: 180 }).chain((off) => fc.constantFrom('2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z', '2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z').map((at) => minutes(at) + off)), // prettier-ignore
  );
  fc.assert(
    fc.property(fc.constantFrom(...zones), minute, (zone, at) => {
      assert.deepEqual(localTimeAt(zone, at * 60_000), shown(zone, at * 60_000));
    }),
    { numRuns: 5000 },
  );
});

test('ROUTE-08 OPS-05 a zone is Area/City or UTC; what means two things is refused, with what would be right', () => {
  for (const zone of ['UTC', 'Europe/London', 'America/Argentina/Ushuaia', 'Asia/Calcutta']) {
    assert.equal(timeZoneMistake(zone), undefined, zone);
  }
  for (const zone of ['CET', 'EST', '+05:30', 'Etc/GMT-5', 'Europe/Londn', '', 'GMT', 'Europe/']) {
    assert.match(timeZoneMistake(zone) ?? '', /must be UTC or a zone .* by Area\/City/, zone);
  }
  assert.match(timeZoneMistake('london') ?? '', /did you mean Europe\/London\?$/);
  assert.throws(() => localTimeAt('Nowhere/City', 0), RangeError);
});
