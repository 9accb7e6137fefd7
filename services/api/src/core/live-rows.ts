/** A row of a list, as the API shows it. */
export type LiveRow = Readonly<Record<string, unknown>>;

/** What there is of a list at a moment. */
export interface LiveList {
  readonly rows: readonly LiveRow[];
  /** Of all, where `rows` are some of them. */
  readonly total: number;
}

/** What is told of a list: all of it, or what is otherwise than before. */
export interface LiveEvent {
  readonly isWhole: boolean;
  /** The field, or fields with commas, that tell one row from another. */
  readonly key: string;
  /** All, or those that are new or have changed. */
  readonly rows: readonly LiveRow[];
  /** Values of the key of those that went; several fields with a line feed between. */
  readonly removed: readonly string[];
  readonly total: number;
}

/** A list as it was told last. */
export class LiveRows {
  readonly #key: string;
  readonly #fields: readonly string[];
  #texts = new Map<string, string>();
  #list: LiveList = { rows: [], total: 0 };

  constructor(key: string) {
    this.#key = key;
    this.#fields = key.split(',');
  }

  /** All of it. */
  whole(): LiveEvent {
    return { isWhole: true, key: this.#key, removed: [], ...this.#list };
  }

  /** Takes what there is now. @returns what is otherwise, or undefined where nothing is */
  take(list: LiveList): LiveEvent | undefined {
    const texts = new Map<string, string>();
    const rows: LiveRow[] = [];
    for (const row of list.rows) {
      const key = this.#keyOf(row);
      const text = JSON.stringify(row);
      texts.set(key, text);
      if (this.#texts.get(key) !== text) rows.push(row);
    }
    const removed = [...this.#texts.keys()].filter((key) => !texts.has(key));
    const isSame = rows.length === 0 && removed.length === 0 && list.total === this.#list.total;
    this.#texts = texts;
    this.#list = list;
    if (isSame) return undefined;
    return { isWhole: false, key: this.#key, rows, removed, total: list.total };
  }

  #keyOf(row: LiveRow): string {
    return this.#fields.map((field) => textOf(row[field])).join('\n');
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
