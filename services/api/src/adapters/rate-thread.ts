/** The thread of rate-jobs.ts: reads a file of rates, or writes one, beside the process, and ends with it. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import {
  mergeSheet,
  RatePacker,
  RateSheet,
  readSheet,
  sheetChanges,
  stepBack,
  type MergedSheet,
  type PackedRates,
} from '@tandem/config';
import { createPool, silentLogger, type Pool } from '@tandem/service';
import { RateReaderOfFile, type ReadRates } from '../core/rate-file/rate-reader.ts';
import { CHANGES_HEADING, changeLine, RATES_HEADING, rateLines } from '../core/rate-file/write-rates.ts'; // prettier-ignore
import type { FromRateThread, ImportWork, RateBase, RateJob, ToRateThread } from './rate-jobs.ts';

stepBack(10);
const port = parentPort;
const { url, work } = workerData as RateJob;
/** Characters that are handed over at once. */
const PIECE = 256 * 1024;

if (port !== null) {
  // To store forty megabytes takes PostgreSQL a while.
  const pool = createPool({ url, logger: silentLogger(), size: 1, statementTimeoutMs: 120_000 });
  try {
    switch (work.kind) {
      case 'import':
        tell({ kind: 'imported', report: await importFile(work, pool) });
        break;
      case 'export':
        await write(RATES_HEADING, linesOf(await sheetOf(work.base, pool)));
        tell({ kind: 'done' });
        break;
      case 'changes': {
        const before = await sheetOf(work.base, pool);
        const after = await readSheet(pool, { importId: work.importId });
        if (after === undefined) throw new Error('the sheet of this import is gone');
        await write(CHANGES_HEADING, changeLines(before, new RateSheet(after.rates)));
        tell({ kind: 'done' });
      }
    }
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    await pool.end();
    port.close();
  }
}

function tell(message: FromRateThread): void {
  port?.postMessage(message);
}

async function importFile(job: ImportWork, pool: Pool): Promise<object> {
  const read = await readFile(job);
  const { lineCount, lines, mistakes } = read;
  const merged = mistakes.length === 0 ? await merge(read, job, pool) : undefined;
  const report = {
    form: formOf(read),
    fileRates: lines?.size ?? 0,
    duplicates: lines?.duplicates ?? 0,
    badLines: new Set(mistakes.map(({ line }) => line)).size,
    counts: merged?.counts,
    examples: merged?.examples.map(presented),
  };
  await pool.query(
    `UPDATE tandem_config.rate_import SET state = $2, touched_at = now(), lines = $3, report = $4, mistakes = $5
      WHERE id = $1 AND state = 'reading'`,
    [
      job.importId,
      merged === undefined ? 'refused' : 'reading',
      lineCount,
      JSON.stringify(report),
      JSON.stringify(mistakes),
    ],
  );
  if (merged !== undefined) await keep(job.importId, merged, pool);
  return report;
}

/** Keeps the sheet that is to be applied, with which the import is ready. */
async function keep(
  id: string,
  { packed, prefixes, rates }: MergedSheet,
  pool: Pool,
): Promise<void> {
  const { fields, index, terms } = packed;
  await pool.query(
    `UPDATE tandem_config.rate_import SET state = 'ready', touched_at = now(),
            rates = $2, prefixes = $3, index = $4, sheet_terms = $5, fields = $6
      WHERE id = $1 AND state = 'reading'`,
    [id, rates, prefixes, Buffer.from(index), Buffer.from(terms), JSON.stringify(fields)],
  );
}

function formOf({ encoding, form }: ReadRates): object | undefined {
  if (form === undefined) return undefined;
  const { columns, decimal, delimiter, heading, headingLine } = form;
  const used = new Set([...columns.values()].flat());
  const named = [...columns].map(([field, places]) => [field, places.map((at) => heading[at])]);
  const ignored = heading.filter((_, at) => !used.has(at));
  return {
    delimiter,
    decimal,
    encoding,
    headingLine,
    columns: Object.fromEntries(named) as object,
    ignored,
  };
}

function presented({ fromMs, ...change }: MergedSheet['examples'][number]): object {
  return { ...change, from: fromMs === -Infinity ? null : new Date(fromMs).toISOString() };
}

async function merge(
  { lines }: ReadRates,
  { base, forgottenBeforeMs, goneFromMs, mode }: ImportWork,
  pool: Pool,
): Promise<MergedSheet> {
  if (lines === undefined) throw new Error('nothing was read');
  const before = await sheetOf(base, pool);
  return mergeSheet(before, lines, { mode, goneFromMs, forgottenBeforeMs });
}

/** Takes the file as it comes; what has been taken is told, so that no more comes than is read. */
async function readFile({ read }: ImportWork): Promise<ReadRates> {
  const reader = new RateReaderOfFile(read);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  port?.on('message', (message: ToRateThread) => {
    if (message.kind === 'end') {
      resolve(undefined);
      return;
    }
    reader.push(message.bytes);
    tell({ kind: 'taken', lines: reader.lineCount, isHopeless: reader.isHopeless });
  });
  await promise;
  return reader.end();
}

async function sheetOf(base: RateBase, pool: Pool): Promise<RateSheet> {
  const none: PackedRates = new RatePacker().finish();
  if (base.kind === 'rates') return new RateSheet(base.rates);
  if (base.version === 0) return new RateSheet(none);
  const { group, version } = base;
  const sheet = await readSheet(pool, { group, version });
  if (sheet === undefined) throw new Error(`version ${String(version)} of the rates is gone`);
  return new RateSheet(sheet.rates);
}

function* linesOf(sheet: RateSheet): Generator<string> {
  const prefixes = [...sheet.prefixes()].map(([prefix]) => prefix).sort();
  for (const prefix of prefixes) yield rateLines(prefix, sheet.of(prefix));
}

function* changeLines(before: RateSheet, after: RateSheet): Generator<string> {
  const lines = [...sheetChanges(before, after)].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
  for (const change of lines) yield changeLine(change);
}

async function write(heading: string, lines: Iterable<string>): Promise<void> {
  let piece = heading;
  const handOn = async (): Promise<void> => {
    tell({ kind: 'text', text: piece });
    piece = '';
    if (port !== null) await once(port, 'message');
  };
  for (const line of lines) {
    piece += line;
    if (piece.length >= PIECE) await handOn();
  }
  await handOn();
}
