/**
 * Columns of many rows as array parameters: one statement takes a batch by `unnest`. The literals are
 * built here since pg's own way goes through each value several times.
 */
export function textColumn<Row>(rows: readonly Row[], value: (row: Row) => string): string {
  return column(rows, (row) => {
    const text = value(row);
    return text === '' ? 'NULL' : quote(text);
  });
}

/** As `textColumn`, for values that need no quotes: numbers and decimals. Undefined is NULL. */
export function plainColumn<Row>(
  rows: readonly Row[],
  value: (row: Row) => number | string | undefined,
): string {
  return column(rows, (row) => String(value(row) ?? 'NULL'));
}

/** Byte strings of many rows as one parameter, with the length of each; the statement cuts them apart. */
export function byteColumn(values: readonly Uint8Array[]): { bytes: Buffer; lengths: number[] } {
  return { bytes: Buffer.concat(values), lengths: values.map((value) => value.length) };
}

function column<Row>(rows: readonly Row[], literal: (row: Row) => string): string {
  let text = '{';
  for (const row of rows) text += text === '{' ? literal(row) : `,${literal(row)}`;
  return `${text}}`;
}

function quote(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
