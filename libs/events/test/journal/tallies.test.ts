import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalNote } from '@tandem/domain';
import { MOST_ROWS, Tallies } from '../../src/journal/tallies.ts';
import { refusedNote } from './notes.ts';

const HOUR_START = 3_600_000 * 1000;
const NOW = HOUR_START + 90_000;

function refreshed(source = '192.0.2.7:5060'): JournalNote {
  return { ...refusedNote(), cause: 'refreshed', facts: {}, source };
}

test('REG-06 a minute is counted by cause, an hour by network and device too', () => {
  const tallies = new Tallies('life-1');
  for (const source of ['192.0.2.7:1', '192.0.2.9:1', '198.51.100.1:1']) tallies.count(refreshed(source), NOW); // prettier-ignore
  tallies.count(refusedNote(), NOW);
  const row = (name: string, network: string, count: number) => ({
    name,
    network,
    device: network === '' ? '' : 'baresip',
    count,
  });
  assert.deepEqual(tallies.changed(NOW), [
    {
      writer: 'life-1',
      startMs: HOUR_START + 60_000,
      seconds: 60,
      rows: [row('refreshed', '', 3), row('expiry-too-short', '', 1)],
    },
    {
      writer: 'life-1',
      startMs: HOUR_START,
      seconds: 3600,
      rows: [
        row('refreshed', '192.0.2.0/24', 2),
        row('refreshed', '198.51.100.0/24', 1),
        row('expiry-too-short', '192.0.2.0/24', 1),
      ],
    },
  ]);
});

test('REG-06 sums are told that grow, and only those that have grown', () => {
  const tallies = new Tallies('life-1');
  tallies.count(refreshed(), NOW);
  tallies.changed(NOW);
  assert.deepEqual(tallies.changed(NOW), []);
  tallies.count(refreshed(), NOW);
  assert.deepEqual(tallies.changed(NOW).map(({ rows }) => rows[0]?.count), [2, 2]); // prettier-ignore
});

test('REG-06 what comes last in a minute is told after it', () => {
  const tallies = new Tallies('life-1');
  tallies.count(refreshed(), NOW);
  const later = HOUR_START + 120_000;
  tallies.count(refreshed(), later);
  const told = tallies.changed(later);
  assert.deepEqual(told.map(({ seconds, rows }) => [seconds, rows[0]?.count]), [[60, 1], [3600, 2], [60, 1]]); // prettier-ignore
});

test('REG-06 however many networks there are, an hour has only so many rows, and loses no count', () => {
  const tallies = new Tallies('life-1');
  const attempts = MOST_ROWS + 500;
  for (let at = 0; at < attempts; at += 1) {
    tallies.count(refreshed(`10.${String(at >> 8)}.${String(at & 255)}.1:5060`), NOW);
  }
  const hour = tallies.changed(NOW).find(({ seconds }) => seconds === 3600);
  assert.equal(hour?.rows.length, MOST_ROWS + 1);
  assert.equal(hour.rows.reduce((sum, { count }) => sum + count, 0), attempts); // prettier-ignore
});

test('REG-06 of a level the highest of the span is kept', () => {
  const tallies = new Tallies('life-1');
  for (const value of [5, 9, 7]) tallies.level('active', value, NOW);
  const told = tallies.changed(NOW);
  assert.deepEqual(told.map(({ rows }) => rows.map(({ name, count }) => [name, count])), [[['active', 9]], [['active', 9]]]); // prettier-ignore
});

test('REG-06 that nobody is registered is told too', () => {
  const tallies = new Tallies('life-1');
  tallies.level('active', 0, NOW);
  assert.equal(tallies.changed(NOW).length, 2);
});
