import { checkColumns } from '../apply-mapping.ts';
import { CdrLine } from '../cdr-line.ts';
import type { CdrMapping } from '../mapping.ts';
import { cell, type Table, type Unfit } from '../table.ts';
import type { ObservedCall } from './observed-call.ts';

/** The calls of a file, and the lines that are none. */
interface ReadCdrs {
  readonly calls: readonly ObservedCall[];
  readonly unfit: readonly Unfit[];
}

/** Reads CDRs of another switch. @throws UnreadableFile where a column that is named is not in the file */
export function readCdrs(table: Table, mapping: CdrMapping): ReadCdrs {
  checkColumns(table, mapping);
  const calls: ObservedCall[] = [];
  const unfit: Unfit[] = [];
  for (const row of table.rows) {
    const isOther = Object.entries(mapping.only).some(([column, texts]) => !texts.includes(cell(table, row, column))); // prettier-ignore
    if (isOther) continue;
    const line = new CdrLine(table, row, mapping);
    const call = {
      id: line.text('id') || `line ${String(row.line)}`,
      from: line.needed('from', 'the mapping gateway or phone that called'),
      caller: line.text('caller'),
      callee: line.needed('callee', 'the number that was called'),
      atMs: line.time('at'),
      gateways: line.text('gateway') === '' ? [] : [line.text('gateway')],
      code: line.whole('code'),
      seconds: line.whole('seconds'),
      price: line.money('price'),
    };
    if (line.unfit.length === 0) calls.push(call);
    else for (const each of line.unfit) unfit.push(each);
  }
  return { calls, unfit };
}
