import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byCountry,
  failuresOf,
  heatLevel,
  heatOf,
  layersOf,
  stepsOf,
  totals,
} from '../../src/core/call-figures.ts';
import { countryName, countryOf } from '../../src/core/countries.ts';

const FROM = '2026-03-01T22:00:00.000Z';
const UNTIL = '2026-03-02T02:00:00.000Z';
const hour = (at: number): string => `2026-03-0${at < 24 ? '1' : '2'}T${String(at % 24).padStart(2, '0')}:00:00Z`; // prettier-ignore

test('BILL-06 an hour without a call is one of the picture, too', () => {
  const steps = stepsOf(FROM, UNTIL, 'hour');
  assert.equal(steps.length, 4);
  const rows = [
    { hour: hour(22), reason: 'UserBusy', code: '486', calls: 3, answered: null },
    { hour: hour(25), reason: 'UserBusy', code: '486', calls: 1, answered: null },
    { hour: hour(25), reason: 'NoRoute', code: '503', calls: 2, answered: null },
    { hour: hour(25), reason: 'NormalClearing', code: '200', calls: 9, answered: null },
  ];
  assert.deepEqual(layersOf(failuresOf(rows), steps, 1), [
    { name: 'UserBusy', values: [3, 0, 0, 1] },
    { name: 'others', values: [0, 0, 0, 2] },
  ]);
  assert.deepEqual(
    totals(failuresOf(rows), ({ reason }) => reason ?? ''),
    [
      { name: 'UserBusy', calls: 4 },
      { name: 'NoRoute', calls: 2 },
    ],
  );
  assert.equal(stepsOf('2026-03-01', '2026-03-03', 'day').length, 2);
});

test('BILL-06 destinations are added up by country; areas of +1 and +7 are in their own', () => {
  const rows = [
    { destination: '44', calls: 2, answered: 1 },
    { destination: '4420', calls: 3, answered: 3 },
    { destination: '1242', calls: 4, answered: 0 },
    { destination: '', calls: 1, answered: 0 },
  ];
  assert.deepEqual(byCountry(rows), [
    { name: 'United Kingdom', calls: 5, answered: 4 },
    { name: 'Bahamas', calls: 4, answered: 0 },
    { name: 'not known', calls: 1, answered: 0 },
  ]);
  const of = (number: string): string => countryName(countryOf(number) ?? 'ZZ');
  assert.deepEqual(
    ['12125550100', '+14165550100', '77011234567', '79161234567', '4930', '38343'].map(of),
    ['United States', 'Canada', 'Kazakhstan', 'Russia', 'Germany', 'Kosovo'],
  );
  assert.equal(countryOf('999'), undefined);
});

test('BILL-06 the heat map has a row a local day, and tells nothing from not asked', () => {
  const steps = stepsOf(FROM, UNTIL, 'hour');
  const days = heatOf([{ hour: hour(25), calls: 4, answered: 2 }], steps);
  const cells = days.flatMap(({ hours }) => hours);
  assert.equal(cells.length % 24, 0);
  const asked = cells.filter((cell) => cell !== null);
  assert.equal(asked.length, 4);
  assert.deepEqual(asked.filter(({ calls }) => calls > 0), [{ calls: 4, answered: 2 }]); // prettier-ignore
  assert.deepEqual([0, 1, 50, 100].map((value) => heatLevel(value, 100)), [0, 1, 6, 9]); // prettier-ignore
});
