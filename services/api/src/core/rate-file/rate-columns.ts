import { didYouMean } from '@tandem/config';

/** What a column of a file of rates may be. `increments` is both of them: 60/60. */
export const rateFields = [
  'prefix',
  'pricePerMinute',
  'firstIncrement',
  'nextIncrement',
  'increments',
  'connectionFee',
  'freeSeconds',
  'effectiveFrom',
  'effectiveUntil',
] as const;

export type RateField = (typeof rateFields)[number];

/** Which columns hold what: the places of a field, from 0; those of a prefix that stands in several are put together. */
export type RateColumns = ReadonlyMap<RateField, readonly number[]>;

/** What columns are called in the sheets of carriers, without spaces and signs. */
const CALLED: Readonly<Record<RateField, readonly string[]>> = {
  prefix: ['prefix', 'prefixes', 'code', 'dialcode', 'dialprefix', 'dialingcode', 'areacode', 'areaprefix', 'rateprefix', 'destinationcode', 'destinationprefix', 'breakout', 'b'],
  pricePerMinute: ['priceperminute', 'pricepermin', 'pricemin', 'rateperminute', 'ratepermin', 'ratemin', 'price', 'rate', 'feerate', 'tariff', 'cost', 'costperminute', 'newrate', 'newprice', 'currentrate', 'rateusd', 'rateeur', 'priceusd', 'priceeur'],
  firstIncrement: ['firstincrement', 'initialincrement', 'firstinterval', 'interval1', 'minimum', 'minimumduration', 'mindur', 'minduration', 'minimumtime', 'firstperiod', 'initialperiod'],
  nextIncrement: ['nextincrement', 'subsequentincrement', 'increment', 'nextinterval', 'intervaln', 'interval', 'billingcycle', 'billingincrement', 'roundup', 'nextperiod'],
  increments: ['increments', 'billingincrements', 'billing', 'rounding', 'billingterms', 'intervals'],
  connectionFee: ['connectionfee', 'connectfee', 'setupfee', 'connectioncharge', 'connectcharge', 'connection'],
  freeSeconds: ['freeseconds', 'graceperiod', 'grace', 'freetime'],
  effectiveFrom: ['effectivefrom', 'effectivedate', 'effective', 'startdate', 'validfrom', 'activationdate', 'datefrom', 'from'],
  effectiveUntil: ['effectiveuntil', 'enddate', 'expirydate', 'expirationdate', 'validuntil', 'validto', 'dateto', 'until', 'to'],
}; // prettier-ignore

const known: ReadonlyMap<string, RateField> = new Map(
  rateFields.flatMap((field) => CALLED[field].map((name) => [name, field] as const)),
);

/** What the names of columns say; undefined where prefix or price is not among them. */
export function guessColumns(heading: readonly string[]): RateColumns | undefined {
  const columns = new Map<RateField, readonly number[]>();
  for (const [at, name] of heading.entries()) {
    const field = known.get(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
    if (field !== undefined && !columns.has(field)) columns.set(field, [at]);
  }
  return columns.has('prefix') && columns.has('pricePerMinute') ? columns : undefined;
}

/** What somebody has said of columns: fields with the name of a column each, or its number from 1. */
export type WantedColumns = readonly (readonly [field: RateField, column: string])[];

/**
 * Columns that were named; what is not named is guessed.
 * @throws RangeError where the heading has no such column, or prefix or price is nowhere
 */
export function namedColumns(heading: readonly string[], wanted: WantedColumns): RateColumns {
  const columns = new Map<RateField, readonly number[]>();
  const names = heading.map((each) => each.trim());
  for (const [field, column] of wanted) {
    const at = names.indexOf(column.trim());
    const number = /^\d{1,3}$/.test(column) ? Number(column) - 1 : -1;
    const place = at === -1 ? number : at;
    if (place < 0 || place >= names.length) {
      throw new RangeError(
        `has no column "${column}" for ${field}${didYouMean(column, names)}: its columns are ${names.join(', ')}`,
      );
    }
    columns.set(field, [...(columns.get(field) ?? []), place]);
  }
  for (const field of ['prefix', 'pricePerMinute'] as const) {
    if (columns.has(field)) continue;
    throw new RangeError(`has no column for ${field}: say which it is`);
  }
  return columns;
}
