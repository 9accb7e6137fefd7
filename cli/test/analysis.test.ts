import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './command-line.ts';

const analysis = {
  from: '2026-06-15T00:00:00.000Z',
  until: '2026-06-16T00:00:00.000Z',
  hasMore: false,
  rows: [
    { gateway: 'carrier-a', calls: 3, answered: 2, asrPercent: 66.67, nerPercent: 100, acdSeconds: 45.75, pddMs: 1501, durationSeconds: 91.5, billedSeconds: 120, currency: 'USD', price: '0.0246', costCurrency: 'EUR', cost: '0.01' },
  ],
}; // prettier-ignore

test('BILL-06 analysis is a table of what calls come to', async () => {
  const { received, stdout } = await run(['analysis', '--from', '2h', '--account', 'demo'], { answer: () => analysis }); // prettier-ignore
  assert.equal(received[0]?.path, '/call-analysis?by=gateway&from=2h&account=demo');
  assert.deepEqual(stdout.split('\n').map((line) => line.trimEnd()), [
    'GATEWAY    CALLS  ANSWERED  ASR %  NER %  ACD S  PDD MS  BILLED S',
    'carrier-a      3         2  66.67    100  45.75    1501       120',
    'From 2026-06-15 00:00:00 until 2026-06-16 00:00:00 (UTC).',
    '',
  ]); // prettier-ignore
});

test('BILL-06 summaries have money, of customers or vendors', async () => {
  const { received, stdout } = await run(['summaries', 'vendors', '--by', 'gateway'], { answer: () => analysis }); // prettier-ignore
  assert.equal(received[0]?.path, '/summaries/vendors?by=gateway');
  assert.match(stdout, /PRICE +COST\n.* 0\.0246 USD +0\.01 EUR\n/);
  assert.equal((await run(['summaries', 'nobody'])).code, 2);
});

test('BILL-06 an export goes to standard output as it is, or to a file whole', async () => {
  const csv = 'call_id,code\r\ncall-1,200\r\n';
  const options = { answer: () => csv };
  const shown = await run(['cdrs', 'export', '--from', '2h', '--callee-prefix', '44', '--failed'], options); // prettier-ignore
  assert.equal(shown.stdout, csv);
  assert.equal(shown.received[0]?.path, '/cdr-export?from=2h&calleePrefix=44&failed=true');
  const folder = await mkdtemp(join(tmpdir(), 'tandem-export-'));
  const file = join(folder, 'cdrs.csv');
  const written = await run(['cdrs', 'export', '-o', file], options);
  assert.equal(written.stdout, `Written to ${file}.\n`);
  assert.equal(await readFile(file, 'utf8'), csv);
  const packed = await run(['cdrs', 'export', '-o', `${file}.gz`], options);
  assert.equal(packed.received[0]?.path, '/cdr-export?gzip=true');
  await rm(file);
  const problem = { status: 503, problem: { detail: 'billing does not answer' } };
  const failed = await run(['cdrs', 'export', '-o', file], { answer: () => problem });
  assert.equal(failed.code, 3);
  assert.deepEqual((await readdir(folder)).sort(), ['cdrs.csv.gz']);
  await rm(folder, { recursive: true });
});
