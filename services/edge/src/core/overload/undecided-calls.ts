interface Undecided {
  readonly sinceMs: number;
  readonly isFollowUp: boolean;
}

/** The calls of which it is not known yet what becomes of them: they wait for auth, the store or routing (CALL-11). */
export class UndecidedCalls {
  readonly #onDecided: (isFollowUp: boolean) => void;
  /** In the order in which they came. */
  readonly #calls = new Map<object, Undecided>();

  constructor(onDecided: (isFollowUp: boolean) => void) {
    this.#onDecided = onDecided;
  }

  get count(): number {
    return this.#calls.size;
  }

  /** When the first of them came. */
  get sinceMs(): number | undefined {
    return this.#calls.values().next().value?.sinceMs;
  }

  add(call: object, undecided: Undecided): void {
    this.#calls.set(call, undecided);
  }

  /** It is decided, or over. Any other time than the first means nothing. */
  remove(call: object): void {
    const undecided = this.#calls.get(call);
    if (undecided === undefined) return;
    this.#calls.delete(call);
    this.#onDecided(undecided.isFollowUp);
  }
}
