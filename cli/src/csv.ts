import type { Json } from './api-client.ts';
import { textAt } from './output.ts';

/** Rows as RFC 4180, with the names of the columns. */
export function csvText(rows: readonly Json[], columns: readonly string[]): string {
  const lines = rows.map((row) => columns.map((name) => csvField(textAt(row, name))).join(','));
  return [columns.join(','), ...lines].join('\r\n');
}

function csvField(text: string): string {
  // What a stranger has written is no formula of a spreadsheet.
  const isSum = /^-\d[\d.]*( [A-Z]{3})?$/.test(text);
  const safe = !isSum && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
