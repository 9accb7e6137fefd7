import { useEffect, useRef, useState } from 'react';
import type { Schemas } from '../api/client.ts';
import { rateBetween, type RatePoint, type Sample } from '../core/rate-history.ts';
import { LIVE_MS } from './use-answer.ts';
import { rowsOf, useLive } from './use-live.ts';

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
  const live = useLive('status,pods');
  const [points, setPoints] = useState(history);
  const pods = rowsOf(live, 'pods');
  const status = rowsOf(live, 'status')?.[0];
  const latest = useRef<Sample>(undefined);
  const { pods: list } = live.lists;
  useEffect(() => {
    if (pods === undefined || status === undefined) return;
    latest.current = { atMs: Date.now(), pods, callsUp: status.calls };
    // What they are made of is told anew only where it has changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [list, status]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden || latest.current === undefined) return;
      setPoints(take(latest.current));
    }, LIVE_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return { points, status, pods: pods ?? [], error: live.error };
}

/** One point more. Where nothing was told since the last one nothing has changed, and that is so now. */
function take(told: Sample): readonly RatePoint[] {
  const isNew = told.atMs > (lastSample?.atMs ?? 0);
  const sample = isNew ? told : { ...told, atMs: Date.now() };
  if (lastSample !== undefined) {
    history = [...history, rateBetween(lastSample, sample)].slice(-KEPT);
  }
  lastSample = sample;
  return history;
}
