import { checkColumns } from './apply-mapping.ts';
import { CdrLine } from './cdr-line.ts';
import type { CsvLines } from './csv-lines.ts';
import type { DisputeMapping } from './mapping.ts';
import { cell, type Unfit } from './table.ts';

/** A call as a line of another side's file tells it. */
export interface DisputedCall {
  readonly line: number;
  readonly id: string;
  readonly caller: string;
  readonly callee: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Decimal text; '' where none is told. */
  readonly price: string;
}

const MOST_NAMED = 1000;

/** Reads another side's CDRs for a comparison with ours. */
export class DisputeLines {
  readonly #mapping: DisputeMapping;
  readonly #unfit: Unfit[] = [];
  #unfitCount = 0;

  constructor(mapping: DisputeMapping) {
    this.#mapping = mapping;
  }

  /** Lines that are no calls: the first thousand places. */
  get unfit(): readonly Unfit[] {
    return this.#unfit;
  }

  /** All places that do not fit. */
  get unfitCount(): number {
    return this.#unfitCount;
  }

  /** The calls of some lines. @throws UnreadableFile where a column that is named is not in the file */
  read({ rows, shape, unfit }: CsvLines): readonly DisputedCall[] {
    checkColumns(shape, this.#mapping);
    this.#refuse(unfit);
    const calls: DisputedCall[] = [];
    const { dates, only, timeZone } = this.#mapping;
    for (const row of rows) {
      const isOther = Object.entries(only).some(([column, texts]) => !texts.includes(cell(shape, row, column))); // prettier-ignore
      if (isOther) continue;
      const line = new CdrLine(shape, row, this.#mapping);
      line.needed('at', 'when the call began');
      const startMs = line.localTime('at', timeZone, dates);
      const call = {
        line: row.line,
        id: line.text('id'),
        caller: line.text('caller'),
        callee: line.needed('callee', 'the number that was called'),
        durationMs: line.durationMs('seconds'),
        price: line.money('price') ?? '',
      };
      if (line.unfit.length > 0) this.#refuse(line.unfit);
      else if (startMs !== undefined) calls.push({ ...call, startMs });
    }
    return calls;
  }

  #refuse(unfit: readonly Unfit[]): void {
    this.#unfitCount += unfit.length;
    this.#unfit.push(...unfit.slice(0, Math.max(0, MOST_NAMED - this.#unfit.length)));
  }
}
