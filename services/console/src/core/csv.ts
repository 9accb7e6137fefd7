/** A table as RFC 4180; what a stranger has written is no formula of a spreadsheet. */
export function csvText(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return [columns, ...rows].map((row) => row.map(csvField).join(',')).join('\r\n');
}

function csvField(value: string | number): string {
  const text = String(value);
  const isSum = typeof value === 'number' || /^-\d[\d.]*( [A-Z]{3})?$/.test(text);
  const isFormula = !isSum && /^[=+\-@\t\r]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Numbers of a file: in the first column who is called, in the second who calls; a first line without a digit is a heading. */
export function numbersIn(text: string): { readonly callee: string; readonly caller: string }[] {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.split(/[,;\t]/).map((field) => field.trim().replace(/^"(.*)"$/, '$1')))
    .filter(([callee = '']) => callee !== '');
  const hasHeading = !/\d/.test(rows[0]?.[0] ?? '');
  return rows.slice(hasHeading ? 1 : 0).map(([callee = '', caller = '']) => ({ callee, caller }));
}
