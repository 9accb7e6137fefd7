import type { Reading } from '../../core/alarms/alarm-state.ts';
import { counterKey, type Samples } from '../../core/alarms/samples.ts';
import { ofSwitch, type FigureNeed, type FigureParts, type FigureSource } from './figure-source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What one edge says of all, and of itself. */
export const statusFigures: FigureSource = {
  service: 'edge',
  figures: ['calls-up', 'outbox-age', 'certificate-days'],
  read: async (needs, { nowMs, ports }) => {
    const { calls, certificateExpiresMs, outbox, outboxSinceMs } = await ports.edge.getStatus({});
    return new Map(
      needs.map((need): [FigureNeed, readonly Reading[]] => {
        if (need.figure === 'calls-up') return [need, ofSwitch(calls)];
        if (need.figure === 'outbox-age') {
          const seconds = outbox === 0 ? 0 : Math.max(0, (nowMs - outboxSinceMs) / 1000);
          return [need, ofSwitch(seconds)];
        }
        const isThere = certificateExpiresMs !== undefined;
        return [need, isThere ? ofSwitch((certificateExpiresMs - nowMs) / DAY_MS) : []];
      }),
    );
  },
};

/** What the pods of the edge have counted. */
export const podFigures: FigureSource = {
  service: 'edge',
  figures: ['overloaded', 'calls-per-second', 'calls-of-hour'],
  read: async (needs, parts) => {
    const { pods } = await parts.ports.edge.listPods({});
    const samples = parts.series('calls of pods');
    const counted = pods.map((pod) => [
      counterKey(`${pod.name} ${String(pod.startedMs)}`, ''),
      [pod.calls],
    ]);
    samples.count(Object.fromEntries(counted) as Record<string, number[]>, parts.nowMs);
    const shedding = pods.filter((pod) => pod.shedding).length;
    return new Map(
      needs.map((need): [FigureNeed, readonly Reading[]] => [
        need,
        need.figure === 'overloaded' ? ofSwitch(shedding) : ratesOf(need, samples, parts),
      ]),
    );
  },
};

function ratesOf(
  { figure, windowSeconds }: FigureNeed,
  samples: Samples,
  { nowMs }: FigureParts,
): readonly Reading[] {
  const callsIn = (windowMs: number) => samples.sums(windowMs, nowMs).get('')?.[0] ?? 0;
  const windowMs = windowSeconds * 1000;
  const coveredMs = samples.coveredMs(windowMs, nowMs);
  if (coveredMs === 0) return [];
  const rate = callsIn(windowMs) / coveredMs;
  if (figure === 'calls-per-second') return ofSwitch(rate * 1000);
  const ofHour = callsIn(HOUR_MS);
  const hourCoveredMs = samples.coveredMs(HOUR_MS, nowMs);
  // So short a time would be compared with itself.
  if (ofHour === 0 || hourCoveredMs < 2 * windowMs) return [];
  return ofSwitch((100 * rate) / (ofHour / hourCoveredMs), ofHour);
}
