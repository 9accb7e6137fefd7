import { z } from 'zod';
import { time } from '../times.ts';

const kinds = ['new', 'dearer', 'cheaper', 'other', 'gone'] as const;

const terms = z.object({
  pricePerMinute: z.string(),
  firstIncrement: z.int(),
  nextIncrement: z.int(),
  connectionFee: z.string(),
  freeSeconds: z.int(),
  effectiveFrom: z.string().optional(),
  effectiveUntil: z.string().optional(),
});

const change = z.object({
  prefix: z.string(),
  kind: z
    .enum(kinds)
    .describe('dearer, cheaper: the price a minute; other: increments, fee or free seconds alone.'),
  from: time.describe('The first moment at which it is so; null: since ever.'),
  before: terms.optional(),
  after: terms.optional(),
});

const form = z.object({
  delimiter: z.string(),
  decimal: z.enum(['point', 'comma']),
  encoding: z.string(),
  headingLine: z.int().describe('0: there is none.'),
  columns: z.record(z.string(), z.array(z.string())).describe('Columns of the file by field.'),
  ignored: z.array(z.string()).describe('Columns that hold nothing of a rate.'),
});

const rateImport = z.object({
  id: z.string(),
  group: z.string(),
  state: z
    .enum(['reading', 'refused', 'ready', 'applied', 'discarded', 'broken'])
    .describe(
      'ready: it can be applied. refused: it has bad lines. broken: the file, or the pod that read it, broke off.',
    ),
  file: z.string(),
  mode: z.enum(['replace', 'update']),
  effectiveFrom: z.string(),
  isAtOnce: z
    .boolean()
    .describe('Lines that name no time are in effect from the moment at which it is applied.'),
  effectiveUntil: z.string().nullable(),
  begunAt: time,
  begunBy: z.string(),
  note: z.string(),
  bytes: z.int().describe('Read so far.'),
  lines: z.int().describe('Read so far.'),
  badLines: z.int(),
  form: form.nullable().describe('How the file is written, as said or found out.'),
  fileRates: z.int().describe('Prefixes in the file.'),
  duplicates: z.int().describe('Lines that say again what another line has said.'),
  counts: z
    .object({
      new: z.int(),
      dearer: z.int(),
      cheaper: z.int(),
      other: z.int(),
      gone: z.int(),
      same: z.int(),
    })
    .nullable()
    .describe('Prefixes by what becomes of them; null where there are bad lines.'),
  examples: z.array(change).describe('The first twenty of each kind.'),
  rates: z.int().nullable().describe('That there would be.'),
  prefixes: z.int().nullable(),
});

const version = z.object({
  version: z.int(),
  appliedAt: time,
  appliedBy: z.string(),
  note: z.string(),
  rates: z.int(),
  prefixes: z.int(),
});

/** The named shapes of this resource. */
export const rateSchemas = {
  RateImport: rateImport,
  RateImportList: z.object({ imports: z.array(rateImport) }),
  RateSheetVersion: version,
  RateSheetVersionList: z.object({
    isSheet: z.boolean().describe('false: the rates stand in the configuration.'),
    versions: z.array(version),
  }),
  RateSheetApplied: z.object({
    group: z.string(),
    version: z.int().describe('In effect on every pod within seconds.'),
  }),
};

export type RateImportView = z.output<typeof rateImport>;
export type RateSheetVersionView = z.output<typeof version>;
