import type { RateImport, SheetVersion } from '../../rate-ports.ts';
import { presentTime } from '../times.ts';
import type { RateImportView, RateSheetVersionView } from './schemas.ts';

/** What an import is worth, as the API tells it. */
export function presentImport(found: RateImport): RateImportView {
  const report = (found.report ?? {}) as Partial<RateImportView>;
  return {
    id: found.id,
    group: found.group,
    state: found.state,
    file: found.file,
    mode: found.mode,
    effectiveFrom: found.effectiveFrom,
    isAtOnce: found.isAtOnce,
    effectiveUntil: found.effectiveUntil ?? null,
    begunAt: presentTime(found.begunAt.getTime()),
    begunBy: found.begunBy,
    note: found.note,
    bytes: found.bytes,
    lines: found.lines,
    badLines: report.badLines ?? 0,
    form: report.form ?? null,
    fileRates: report.fileRates ?? 0,
    duplicates: report.duplicates ?? 0,
    counts: report.counts ?? null,
    examples: report.examples ?? [],
    rates: found.rates ?? null,
    prefixes: found.prefixes ?? null,
  };
}

export function presentSheetVersion({ appliedAt, ...version }: SheetVersion): RateSheetVersionView {
  return { ...version, appliedAt: presentTime(appliedAt.getTime()) };
}
