import { decodeToken } from '../core/dialog/dialog-token.ts';
import type { DialogToken, LegName } from '../core/dialog/dialog-token.ts';
import type { CallStore } from '../ports.ts';

/** Some two megabytes. */
const LIMIT = 8192;

/**
 * Tokens that stand in the store, since their peers cannot bear them. The store always says what they are now; what it said
 * last is kept for the time that it is away.
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
    const key = `${callId} ${toTag ?? holder}`;
    try {
      const bytes = (await this.#store.tokens(callId, toTag))?.[holder];
      if (bytes === undefined || bytes.length === 0) return undefined;
      this.#keep(key, bytes);
      return decodeToken(bytes);
    } catch (error) {
      const last = this.#last.get(key);
      if (last === undefined) throw error;
      return decodeToken(last);
    }
  }

  #keep(key: string, bytes: Buffer): void {
    this.#last.delete(key);
    this.#last.set(key, bytes);
    const [oldest] = this.#last.keys();
    if (this.#last.size > LIMIT && oldest !== undefined) this.#last.delete(oldest);
  }
}
