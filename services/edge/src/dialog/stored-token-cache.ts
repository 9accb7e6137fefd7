import { decodeToken } from '../core/dialog/dialog-token.ts';
import type { DialogToken, LegName } from '../core/dialog/dialog-token.ts';
import type { CallStore } from '../ports.ts';

/** Some two megabytes. */
const LIMIT = 8192;

/**
 * Tokens that stand in the store, since their peers cannot bear them. The store says what they are now; what this pod put there when it
 * answered the call, or read last, is kept for the time that the store is away, and for calls that one which came back empty has lost.
 */
export class StoredTokenCache {
  readonly #store: CallStore;
  /** Oldest first. */
  readonly #last = new Map<string, Buffer>();

  constructor(store: CallStore) {
    this.#store = store;
  }

  /**
   * Undefined where there is none. Rejects where the store is away and nothing was known before.
   * @param toTag of the caller's dialog
   */
  async token(callId: string, holder: LegName, toTag?: string): Promise<DialogToken | undefined> {
    const key = keyOf(callId, holder, toTag);
    const last = this.#last.get(key);
    try {
      const stored = await this.#store.tokens(callId, toTag);
      const bytes = stored === undefined ? last : stored[holder];
      if (bytes === undefined || bytes.length === 0) return undefined;
      this.#keep(key, bytes);
      return decodeToken(bytes);
    } catch (error) {
      if (last === undefined) throw error;
      return decodeToken(last);
    }
  }

  /** What this pod gives the store of a call that it answers. */
  remember(callId: string, holder: LegName, bytes: Buffer, toTag?: string): void {
    this.#keep(keyOf(callId, holder, toTag), bytes);
  }

  #keep(key: string, bytes: Buffer): void {
    this.#last.delete(key);
    this.#last.set(key, bytes);
    const [oldest] = this.#last.keys();
    if (this.#last.size > LIMIT && oldest !== undefined) this.#last.delete(oldest);
  }
}

function keyOf(callId: string, holder: LegName, toTag: string | undefined): string {
  return `${callId} ${toTag ?? holder}`;
}
