import type { AlarmFigureName } from '@tandem/config';
import type { Reading } from '../../core/alarms/alarm-state.ts';
import { counterKey, type Counts, type Samples } from '../../core/alarms/samples.ts';
import type { FigureNeed, FigureParts, FigureSource } from './figure-source.ts';

/** Calls that end within so long after they have begun are counted; sums are kept by the hour in which calls begin. */
const LOOK_BACK_MS = 6 * 3_600_000;
const MOST_ROWS = 10_000;

type By = 'account' | 'destination' | 'reason';

const by: Partial<Record<AlarmFigureName, By>> = {
  asr: 'account',
  'account-asr': 'account',
  'account-acd': 'account',
  'destination-asr': 'destination',
  'destination-acd': 'destination',
  'destination-pdd': 'destination',
  failures: 'reason',
};

/**
 * What calls come to, of those that were booked within a window: the sums that billing keeps beside its CDRs are read, and what they have
 * grown by. They are as many as there are accounts, destinations or reasons, however many calls there are.
 */
export const callFigures: FigureSource = {
  service: 'billing',
  figures: Object.keys(by) as AlarmFigureName[],
  read: async (needs, parts) => {
    const read = new Map<FigureNeed, readonly Reading[]>();
    for (const [kind, some] of Map.groupBy(needs, ({ figure }) => by[figure] ?? 'account')) {
      const samples = await count(kind, parts);
      for (const need of some) read.set(need, readingsOf(need, samples, parts.nowMs));
    }
    return read;
  },
};

async function count(kind: By, { nowMs, ports, series }: FigureParts): Promise<Samples> {
  const asked = { account: '', vendor: '', origin: '', gateway: '', destination: '', money: false };
  const { rows } = await ports.billing.analyseCalls({
    ...asked,
    by: [kind === 'destination' ? 'day' : 'hour', kind],
    fromMs: nowMs - LOOK_BACK_MS,
    untilMs: nowMs + 3_600_000,
    limit: MOST_ROWS,
  });
  const raw = Object.fromEntries(
    rows.map(({ answered, calls, durationMs, keys: [time = '', name = ''], pddCalls, pddMs }) => [
      counterKey(time, name),
      [calls, answered, durationMs, pddCalls, pddMs],
    ]),
  );
  const samples = series(`calls by ${kind}`);
  samples.count(raw, nowMs);
  return samples;
}

function readingsOf(need: FigureNeed, samples: Samples, nowMs: number): Reading[] {
  const sums = samples.sums(need.windowSeconds * 1000, nowMs);
  if (need.figure === 'asr') {
    let calls = 0;
    let answered = 0;
    for (const [more = 0, moreAnswered = 0] of sums.values()) {
      calls += more;
      answered += moreAnswered;
    }
    return calls === 0 ? [] : [{ subject: '', value: (100 * answered) / calls, of: calls }];
  }
  return [...sums].flatMap(([subject, counts]) => readingOf(need.figure, subject, counts));
}

/** Ends that are as they should be: no alarm is raised by them. */
const GOOD_ENDS: ReadonlySet<string> = new Set(['Normal', 'CallerCancelled', '']);

function readingOf(figure: AlarmFigureName, subject: string, counts: Counts): Reading[] {
  const [calls = 0, answered = 0, durationMs = 0, pddCalls = 0, pddMs = 0] = counts;
  if (figure === 'failures') return GOOD_ENDS.has(subject) ? [] : [{ subject, value: calls }];
  // Nobody is known who made these calls, or where they went.
  if (subject === '') return [];
  const share = (sum: number, among: number, of: number): Reading[] =>
    among === 0 ? [] : [{ subject, value: sum / among, of }];
  if (figure.endsWith('-asr')) return share(100 * answered, calls, calls);
  if (figure.endsWith('-acd')) return share(durationMs / 1000, answered, answered);
  return share(pddMs / 1000, pddCalls, calls);
}
