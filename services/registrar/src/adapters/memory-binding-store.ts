import { lapsedBefore } from '../core/binding.ts';
import type { Binding } from '../core/binding.ts';
import { compareKeys, LAST, membersOf, readMember } from '../core/index-keys.ts';
import type { BindingStore, DuePhone, Held, IndexEntry, IndexQuery } from '../ports.ts';
import { decodeBindings, encodeBindings } from './stored-bindings.ts';
import { isInTurn, MADE_UP_MS, placeAt } from './turns.ts';

/** The store of one process, for the embedded mode and for tests. Lists look at everything: such a switch is small. */
export class MemoryBindingStore implements BindingStore {
  readonly #now: () => number;
  readonly #phones = new Map<string, Buffer>();
  readonly #gone = new Map<string, number>();
  #turn = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  read(phone: string): Promise<Held> {
    return Promise.resolve(this.#held(phone));
  }

  readAll(phones: readonly string[]): Promise<readonly Held[]> {
    return Promise.resolve(phones.map((phone) => this.#held(phone)));
  }

  write(phone: string, before: Held, after: readonly Binding[]): Promise<Held | undefined> {
    const held = this.#held(phone);
    if (!held.mark.equals(before.mark)) return Promise.resolve(held);
    if (after.length === 0) this.#phones.delete(phone);
    else this.#phones.set(phone, encodeBindings(phone, after));
    return Promise.resolve(undefined);
  }

  list({ index, from = '', to, after, limit }: IndexQuery): Promise<readonly IndexEntry[]> {
    const last = to === undefined ? undefined : to + LAST;
    const isAsked = ({ key }: IndexEntry): boolean =>
      compareKeys(key, from) >= 0 &&
      (last === undefined || compareKeys(key, last) <= 0) &&
      (after === undefined || compareKeys(key, after) > 0);
    const found = [...this.#phones].flatMap(([phone, bytes]) =>
      [...membersOf(phone, decodeBindings(phone, bytes))[index]].map((key) => ({ key, phone })),
    );
    const inOrder = found.filter(isAsked).sort((a, b) => compareKeys(a.key, b.key));
    return Promise.resolve(inOrder.slice(0, limit));
  }

  async lapsed(limit: number): Promise<readonly string[]> {
    const entries = await this.list({ index: 'expires', limit });
    const before = lapsedBefore(this.#now());
    return entries
      .filter(({ key }) => Number(readMember(key).value) <= before)
      .map(({ phone }) => phone);
  }

  turn(intervalMs: number): Promise<readonly DuePhone[]> {
    const now = placeAt(this.#now(), intervalMs);
    const most = placeAt(Math.min(MADE_UP_MS, intervalMs), intervalMs);
    const isFar = this.#turn > now || now - this.#turn > most;
    const last = isFar ? now - most : this.#turn;
    this.#turn = now;
    const due = [...this.#phones.keys()].flatMap((phone) => {
      const held = this.#held(phone);
      const [member] = membersOf(phone, held.bindings).keepalive;
      const isDue = member !== undefined && isInTurn(readMember(member).value, last, now);
      return isDue ? [{ phone, held }] : [];
    });
    return Promise.resolve(due);
  }

  noteGone(gateway: string): Promise<void> {
    this.#gone.set(gateway, this.#now());
    return Promise.resolve();
  }

  goneSince(gateway: string): Promise<number> {
    return Promise.resolve(this.#gone.get(gateway) ?? 0);
  }

  count(): Promise<number> {
    return Promise.resolve(this.#phones.size);
  }

  isReachable(): boolean {
    return true;
  }

  #held(phone: string): Held {
    const mark = this.#phones.get(phone) ?? encodeBindings(phone, []);
    return { bindings: decodeBindings(phone, mark), nowMs: this.#now(), mark };
  }
}
