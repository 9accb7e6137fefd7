/** The calls of which it is not known yet what becomes of them: they wait for auth, the store or routing (CALL-11). */
export class UndecidedCalls {
  readonly #onDecided: () => void;
  /** Since when, in the order in which they came. */
  readonly #calls = new Map<object, number>();

  constructor(onDecided: () => void) {
    this.#onDecided = onDecided;
  }

  get count(): number {
    return this.#calls.size;
  }

  /** When the first of them came. */
  get sinceMs(): number | undefined {
    return this.#calls.values().next().value;
  }

  add(call: object, sinceMs: number): void {
    this.#calls.set(call, sinceMs);
  }

  /** It is decided, or over. Any other time than the first means nothing. */
  remove(call: object): void {
    if (this.#calls.delete(call)) this.#onDecided();
  }
}
