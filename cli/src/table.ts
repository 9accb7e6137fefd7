/** A column: its title, and the text of a row in it. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Numbers line up at their end. @default 'left' */
  readonly align?: 'left' | 'right';
}

/** Rows as text in columns; the words `nothing` where there is none. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  nothing: string,
): string {
  if (rows.length === 0) return `${nothing}\n`;
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ text }) => clean(text(row)))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => (line[index] ?? '').length)),
  );
  return cells.map((line) => `${formatLine(line, widths, columns)}\n`).join('');
}

function formatLine<Row>(
  line: readonly string[],
  widths: readonly number[],
  columns: readonly Column<Row>[],
): string {
  return line
    .map((cell, index) => {
      const width = widths[index] ?? 0;
      return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
    })
    .join('  ')
    .trimEnd();
}

/** Names and numbers come from outside: they must not steer the terminal. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
