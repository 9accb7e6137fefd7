import { answerOf, api, type Schemas } from '../api/client.ts';
import { rateBetween, type RatePoint, type Sample } from '../core/rate-history.ts';
import { LIVE_MS, useAnswer } from './use-answer.ts';

const KEPT = 900;

/** What was seen in this window, kept while one looks at other pages. */
let history: readonly RatePoint[] = [];
let lastSample: Sample | undefined;

interface Rates {
  readonly points: readonly RatePoint[];
  readonly status: Schemas['Status'] | undefined;
  readonly pods: readonly Schemas['Pod'][];
  readonly error: unknown;
}

/** New and answered calls a second, out of what the pods have counted; calls up. */
export function useRates(): Rates {
  const { data, error } = useAnswer(['now'], look, { everyMs: LIVE_MS });
  return { points: data?.points ?? [], status: data?.status, pods: data?.pods ?? [], error };
}

async function look(): Promise<Omit<Rates, 'error'>> {
  const [status, { pods }] = await Promise.all([
    answerOf(api.GET('/api/v1/status')),
    answerOf(api.GET('/api/v1/pods')),
  ]);
  const sample: Sample = { atMs: Date.now(), pods, callsUp: status.calls };
  if (lastSample !== undefined) {
    history = [...history, rateBetween(lastSample, sample)].slice(-KEPT);
  }
  lastSample = sample;
  return { status, pods, points: history };
}
