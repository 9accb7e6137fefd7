import { isJournalCause, journalCauseOf } from '@tandem/domain';
import type { AnalysisRow, HistoryPoint, TallyRow } from '@tandem/proto/journal';
import { presentTime } from '../times.ts';
import type { AnalysisRowView, HistoryPointView } from './schemas.ts';

export function presentPoint({ counts, startMs }: HistoryPoint): HistoryPointView {
  const active = counts.find(({ name }) => name === 'active');
  return { at: presentTime(startMs), active: active?.count ?? null, ...sumsOf(counts) };
}

export function presentAnalysis({ counts, key }: AnalysisRow): AnalysisRowView {
  const sums = sumsOf(counts);
  const accepted = sumOf(counts, (name) => outcomeOf(name) === 'accepted');
  return { key: key === '' ? 'others' : key, attempts: accepted + sums.failed, ...sums };
}

function sumsOf(counts: readonly TallyRow[]): Omit<HistoryPointView, 'at' | 'active'> {
  return {
    registered: sumOf(counts, (name) => name === 'registered' || name === 'moved'),
    refreshed: sumOf(counts, (name) => name === 'refreshed'),
    failed: sumOf(counts, (name) => outcomeOf(name) === 'refused'),
    ended: sumOf(counts, (name) => outcomeOf(name) === 'ended'),
    causes: counts
      .filter(({ name }) => name !== 'active')
      .map(({ count, name: cause }) => ({ cause, count })),
  };
}

function sumOf(counts: readonly TallyRow[], isMeant: (name: string) => boolean): number {
  return counts.reduce((sum, { count, name }) => (isMeant(name) ? sum + count : sum), 0);
}

function outcomeOf(name: string): string {
  return isJournalCause(name) ? journalCauseOf(name).outcome : '';
}
