/** Rows as RFC 4180, with the names of the columns. */
export function csvText<Row extends object>(
  rows: readonly Row[],
  columns: readonly (keyof Row & string)[],
): string {
  const lines = rows.map((row) => columns.map((name) => csvField(row[name])).join(','));
  return [columns.join(','), ...lines, ''].join('\r\n');
}

/** A field of it. */
export function csvField(value: unknown): string {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'; // prettier-ignore
  const text = isPlain ? String(value) : '';
  // What a stranger has written is no formula of a spreadsheet; what is owed is a number.
  const isSum = /^-\d[\d.]*( [A-Z]{3})?$/.test(text);
  const safe = !isSum && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
