import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakesOf, rightDocument } from './configurations.ts';

const carrier = { name: 'carrier-a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] };

test('ROUTE-08 OPS-05 a zone, a day, a time or a schedule that there is not is refused, with its place and what would be right', () => {
  assert.deepEqual(
    mistakesOf(
      rightDocument({
        schedules: [
          {
            name: 'a',
            timeZone: 'CET',
            open: [
              { weekdays: ['mondays'], from: '8:00' },
              { dates: ['2026-02-30', '12-24..01-01', '2026-05-02..2026-05-01', 'tomorrow'] },
              { from: '10:00', to: '10:00' },
            ],
          },
          { name: 'office', timeZone: 'Europe/London' },
        ],
        gatewayGroups: [
          {
            name: 'g',
            schedule: 'offise',
            lineLimit: 5,
            capacities: [{ schedule: 'office', lineLimit: 0 }],
          },
        ],
        routingGateways: [{ ...carrier, schedule: 'night' }],
      }),
    ),
    [
      'schedules[0].timeZone: is "CET", must be UTC or a zone of the IANA\'s data 2026f by Area/City, such as Europe/London',
      'schedules[0].open[0].weekdays[0]: is "mondays", must be sun or mon or tue or wed or thu or fri or sat',
      'schedules[0].open[0].from: is "8:00", must be a time of day in quotes, from "00:00" to "23:59"',
      'schedules[0].open[1].dates[3]: is "tomorrow", must be a date in quotes, such as "2026-12-24", "12-25" for every year, or from one to another, as "12-24..01-01"',
      'gatewayGroups[0].capacities[0].lineLimit: is 0, must be from 1 to 1000000',
      'schedules[0].open[1].dates[0]: is "2026-02-30", but there is no day 2026-02-30',
      'schedules[0].open[1].dates[2]: is "2026-05-02..2026-05-01", which ends before it begins: write "2026-05-01..2026-05-02"',
      'schedules[0].open[2].to: is "10:00", as from is: leave both out for the whole day',
      'routingGateways[0].schedule: names schedule "night", which is not in schedules',
      'gatewayGroups[0].schedule: names schedule "offise", which is not in schedules; did you mean "office"?',
    ],
  );
});
