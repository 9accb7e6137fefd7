/**
 * A log of messages in this process, for one process that holds both ends (`make run`) and for tests. It
 * keeps what some group has not committed yet; a group reads everything appended since the log was made.
 */
export class MemoryEventLog {
  readonly #committed = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  readonly #messages: Buffer[] = [];
  #firstOffset = 0;

  /** Offset of the message that comes next. */
  get end(): number {
    return this.#firstOffset + this.#messages.length;
  }

  /** Messages that are kept. */
  get size(): number {
    return this.#messages.length;
  }

  append(messages: readonly Buffer[]): void {
    this.#messages.push(...messages);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Makes a group known: what it has not committed is kept from now on. */
  join(group: string): void {
    if (!this.#committed.has(group)) this.#committed.set(group, this.#firstOffset);
  }

  /** Offset of the first message that the group has not committed. */
  committed(group: string): number {
    return this.#committed.get(group) ?? this.#firstOffset;
  }

  read(offset: number, limit: number): readonly Buffer[] {
    const start = Math.max(0, offset - this.#firstOffset);
    return this.#messages.slice(start, start + limit);
  }

  commit(group: string, nextOffset: number): void {
    this.#committed.set(group, nextOffset);
    const oldest = Math.min(...this.#committed.values());
    this.#messages.splice(0, oldest - this.#firstOffset);
    this.#firstOffset = Math.max(this.#firstOffset, oldest);
  }

  /** Calls back once, when the next message is appended. */
  onAppend(wake: () => void): void {
    this.#waiting.add(wake);
  }
}
