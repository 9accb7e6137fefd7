import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalyseCallsRequest } from '@tandem/proto/billing';
import { analyseCalls } from '../../src/api/analyse-calls.ts';
import type { AnalysisQuery } from '../../src/ports.ts';

const HOUR_MS = 3_600_000;
const at = Date.UTC(2026, 5, 15, 10, 20);

/** What the store is asked for. */
async function asked(changes: Partial<AnalyseCallsRequest>): Promise<AnalysisQuery | undefined> {
  let query: AnalysisQuery | undefined;
  const analyse = (wanted: AnalysisQuery) => {
    query = wanted;
    return Promise.resolve([]);
  };
  const span = { fromMs: at, untilMs: at + HOUR_MS };
  await analyseCalls(AnalyseCallsRequest.fromPartial({ ...span, ...changes }), { analyse });
  return query;
}

test('BILL-06 times are widened to full hours, and to days where destinations are told apart', async () => {
  const hours = await asked({ by: ['gateway'] });
  assert.deepEqual([hours?.fromMs, hours?.untilMs], [Date.UTC(2026, 5, 15, 10), Date.UTC(2026, 5, 15, 12)]); // prettier-ignore
  const days = await asked({ by: ['gateway'], destination: '+44' });
  assert.deepEqual([days?.fromMs, days?.untilMs, days?.destination], [Date.UTC(2026, 5, 15), Date.UTC(2026, 5, 16), '44']); // prettier-ignore
  const exact = await asked({ by: [], fromMs: Date.UTC(2026, 5, 15), untilMs: Date.UTC(2026, 5, 16) }); // prettier-ignore
  assert.deepEqual([exact?.fromMs, exact?.untilMs], [Date.UTC(2026, 5, 15), Date.UTC(2026, 5, 16)]); // prettier-ignore
});

test('BILL-06 what is not added up together is refused, with what is', async () => {
  await assert.rejects(asked({ by: ['reason'], money: true }), /calls are not added up by reason together: .*hour, day, account, vendor, origin, gateway; or day/); // prettier-ignore
  await assert.rejects(asked({ by: ['code'], vendor: 'v' }), /by code, vendor together/);
  await assert.rejects(
    asked({ by: ['color'] }),
    /by has "color": write some of hour, day, account/,
  );
  await assert.rejects(asked({ by: [], untilMs: at }), /from is not before until/);
});
