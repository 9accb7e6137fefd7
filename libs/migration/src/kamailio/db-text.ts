import { UnreadableFile, type Row, type Table } from '../table.ts';

const HEADING = /^(?:\w+\((?:int|string|str|double|blob|time|datetime)[^)]*\)\s*)+$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' };

/** Whether a text is a table of Kamailio's db_text: its first line names the columns with their types. */
export function isDbText(text: string): boolean {
  return HEADING.test(text.slice(0, text.search(/\r?\n|$/)));
}

/** Reads a table of Kamailio's db_text; its name is that of the file. @throws UnreadableFile */
export function readDbText(file: string, text: string): Table {
  const lines = text.split(/\r?\n/);
  const columns = [...(lines[0] ?? '').matchAll(/(\w+)\(/g)].map(([, name = '']) => name);
  const rows: Row[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === '') continue;
    const values = fieldsOf(line);
    if (values.length !== columns.length) {
      const message = `has ${String(values.length)} values for ${String(columns.length)} columns: a ":" within a value is written "\\:"`;
      throw new UnreadableFile(file, message, index + 1);
    }
    rows.push({ line: index + 1, values });
  }
  return { file, name: file.replace(/^.*[/\\]/, ''), columns, rows, form: 'db_text' };
}

function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|:)((?:[^:\\]|\\.)*)/g)].map(([, field = '']) =>
    field.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char),
  );
}
