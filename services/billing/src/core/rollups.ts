import type { AnalysisQuery, Dimension } from '../ports.ts';

/** What is added up of calls, and what it tells apart. */
export interface Rollup {
  readonly name: 'traffic' | 'destinations' | 'outcomes';
  readonly dimensions: readonly Dimension[];
  /** Figures beside the number of calls. */
  readonly hasFigures: boolean;
  /** Hours, or days, UTC. */
  readonly stepMs: number;
}

const HOUR_MS = 3_600_000;

/** The first that has all that is asked for is taken. */
const rollups: readonly Rollup[] = [
  { name: 'traffic', dimensions: ['hour', 'day', 'account', 'vendor', 'origin', 'gateway'], hasFigures: true, stepMs: HOUR_MS }, // prettier-ignore
  { name: 'destinations', dimensions: ['day', 'account', 'vendor', 'gateway', 'destination'], hasFigures: true, stepMs: 24 * HOUR_MS }, // prettier-ignore
  { name: 'outcomes', dimensions: ['hour', 'day', 'account', 'gateway', 'reason', 'code'], hasFigures: false, stepMs: HOUR_MS }, // prettier-ignore
];

/** What calls are narrowed by; a destination by what its prefix begins with. */
export const filterDimensions = ['account', 'vendor', 'origin', 'gateway', 'destination'] as const;

type Wanted = Pick<AnalysisQuery, 'by' | 'isMoney' | (typeof filterDimensions)[number]>;

/** All that sums have to tell apart for a query. */
export function wantedBy(query: Wanted): readonly Dimension[] {
  const filters = filterDimensions.filter((name) => query[name] !== undefined);
  return [...new Set([...query.by, ...filters])];
}

/** The sums that tell all of it apart; undefined where none do. */
export function rollupFor(query: Wanted): Rollup | undefined {
  const wanted = wantedBy(query);
  return rollups.find(
    ({ dimensions, hasFigures }) =>
      (hasFigures || !query.isMoney) && wanted.every((each) => dimensions.includes(each)),
  );
}

/** Each of the lists that sums tell apart together, for who asked for another one. */
export function possibleDimensions(isMoney: boolean): string {
  return rollups
    .filter(({ hasFigures }) => hasFigures || !isMoney)
    .map(({ dimensions }) => dimensions.join(', '))
    .join('; or ');
}
