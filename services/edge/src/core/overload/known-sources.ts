import { RecentMap } from '@tandem/sip';

const MOST_SOURCES = 10_000;
/** CDRs of one source that stand for all that is refused meanwhile. */
const RECORD_EVERY_MS = 10_000;

/** A source at which somebody has proved himself. */
interface KnownSource {
  readonly name: string;
  /** The address alone says who it is. */
  readonly isByAddress: boolean;
  recordedMs: number;
}

/** From where somebody has proved himself lately, by address or password. All others are strangers. */
export class KnownSources {
  readonly #sources = new RecentMap<KnownSource>(MOST_SOURCES);

  has(address: string): boolean {
    return this.#sources.get(address) !== undefined;
  }

  /** Undefined where nobody has proved himself there. */
  nameOf(address: string): string | undefined {
    return this.#sources.get(address)?.name;
  }

  proved(address: string, { name, isByAddress }: Omit<KnownSource, 'recordedMs'>): void {
    const before = this.#sources.get(address);
    if (before?.name === name && before.isByAddress === isByAddress) return;
    this.#sources.set(address, { name, isByAddress, recordedMs: 0 });
  }

  /** Whether an INVITE is to stand for what is refused, now and then: auth can tell who it is from without a challenge. */
  isToRecord(
    address: string,
    { nowMs, hasCredentials }: { readonly nowMs: number; readonly hasCredentials: boolean },
  ): boolean {
    const known = this.#sources.get(address);
    if (known === undefined || (!known.isByAddress && !hasCredentials)) return false;
    if (nowMs - known.recordedMs < RECORD_EVERY_MS) return false;
    known.recordedMs = nowMs;
    return true;
  }
}
