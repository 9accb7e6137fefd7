import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DisputeLines, MappingMistakes, UnreadableFile, csvLines, readCsv, readDisputeMapping } from '../src/index.ts'; // prettier-ignore

async function* cutInto(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size)); // prettier-ignore
}

async function readAll(text: string, mapping: object, size = 7) {
  const read = readDisputeMapping('mapping', JSON.stringify(mapping));
  const lines = new DisputeLines(read);
  const calls = [];
  for await (const some of csvLines('their.csv', cutInto(Buffer.from(text), size), read))
    calls.push(...lines.read(some));
  return { calls, lines };
}

test('BILL-06 lines of CSV are read as they come, wherever they are cut, as the file is as a whole', async () => {
  const field = fc.constantFrom('44', 'a,b', 'a "b"', 'ä\r\nö', '東京', '', ' x ');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('\n', '\r\n'),
      async (rows, size, end) => {
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const text = ['one,two', ...rows.map((row) => row.map(quoted).join(',')), ''].join(end);
        const bytes = Buffer.from(text);
        const found: unknown[] = [];
        for await (const { rows: some } of csvLines('f.csv', cutInto(bytes, size), { delimiter: ',' })) found.push(...some); // prettier-ignore
        assert.deepEqual(found, readCsv('f.csv', bytes, { delimiter: ',' }).table.rows);
      },
    ),
    { numRuns: 50 },
  );
});

test('BILL-06 times are read by the clocks of the other side, durations with their fraction, prices with a comma', async () => {
  const mapping = {
    timeZone: 'Europe/London',
    dates: 'dmy',
    columns: {
      callee: 'Called',
      at: { columns: ['Date', 'Time'], join: ' ' },
      seconds: 'Duration',
      price: { column: 'Cost', as: 'decimal-comma' },
    },
  };
  const text = 'Date;Time;Called;Duration;Cost\n28/03/2026;12:00:00;4420;12.5;1.000,25\n29/03/2026;12:00:00;4421;0:01:02;0,1\n'; // prettier-ignore
  const { calls, lines } = await readAll(text, mapping);
  assert.deepEqual(lines.unfit, []);
  assert.deepEqual(
    calls.map(({ callee, durationMs, line, price, startMs }) => [line, callee, new Date(startMs).toISOString(), durationMs, price]), // prettier-ignore
    [
      [2, '4420', '2026-03-28T12:00:00.000Z', 12_500, '1000.25'],
      [3, '4421', '2026-03-29T11:00:00.000Z', 62_000, '0.1'],
    ],
  );
});

test('BILL-06 a line that does not fit is named with its place, and the others are read', async () => {
  const mapping = { columns: { callee: 'Called', at: 'Time', seconds: 'Duration' } };
  const text = 'Time,Called,Duration\n2026-02-30 12:00:00,44,1\n2026-03-01 12:00:00,,1\n2026-03-01 12:00:00,44,long\n2026-03-01 12:00:00,44\n2026-03-01 12:00:00,44,1\n'; // prettier-ignore
  const { calls, lines } = await readAll(text, mapping);
  assert.equal(calls.length, 1);
  assert.deepEqual(
    lines.unfit.map(({ column, line }) => [line, column]).sort(),
    [[2, 'Time'], [3, 'Called'], [4, 'Duration'], [5, '']], // prettier-ignore
  );
  assert.equal(lines.unfitCount, 4);
});

test('BILL-06 a mapping without what is needed, and a file without a column that is named, say what is missing', async () => {
  assert.throws(() => readDisputeMapping('mapping', '{"columns":{"callee":"Called","att":"Time"}}'), (error: unknown) => {
    assert.ok(error instanceof MappingMistakes);
    assert.deepEqual(error.mistakes.map(({ path }) => path), ['columns.att', 'columns', 'columns']);
    return true;
  }); // prettier-ignore
  const mapping = { columns: { callee: 'Called', at: 'Time', seconds: 'Duration' } };
  await assert.rejects(readAll('Called,Time,Durations\n44,2026-03-01 12:00:00,1\n', mapping), (error: unknown) => {
    assert.ok(error instanceof UnreadableFile);
    assert.match(error.message, /has no column "Duration".*Durations/);
    return true;
  }); // prettier-ignore
});
