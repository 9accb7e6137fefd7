import { readCertificates } from './certificate-chain.ts';
import type { FoundCertificates } from './verify-call.ts';

/** What a fetch brought: bytes and for how long they are good, or in words why there are none. */
export type Fetched = { readonly bytes: Buffer; readonly goodForMs: number } | string;

export type FetchCertificates = (url: string) => Promise<Fetched>;

export interface CertificateCacheOptions {
  readonly fetch: FetchCertificates;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** @default 1000 URLs */
  readonly most?: number | undefined;
  /** Fetches at a time; further ones are refused, not queued. @default 32 */
  readonly mostFetches?: number | undefined;
}

interface Entry {
  readonly found: Promise<FoundCertificates>;
  untilMs: number;
}

/** A failure is not asked about again at once: a caller that names a dead server must not hold up every call. */
const FAILED_MS = 30_000;
const SHORTEST_MS = 60_000;
/** A certificate that is withdrawn is not believed for longer. */
const LONGEST_MS = 24 * 3_600_000;

/** Certificates by URL: each fetched once, whoever asks meanwhile, and kept for as long as its server says, within a day. */
export class CertificateCache {
  readonly #options: CertificateCacheOptions;
  readonly #entries = new Map<string, Entry>();
  #fetches = 0;

  constructor(options: CertificateCacheOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  certificates(url: string): Promise<FoundCertificates> {
    const { most = 1000, mostFetches = 32, now } = this.#options;
    const known = this.#entries.get(url);
    if (known !== undefined && known.untilMs > now()) return known.found;
    if (this.#fetches >= mostFetches) {
      return Promise.resolve('too many certificates are being fetched');
    }
    // What has been there longest goes first; whoever is asked for again is fetched anew.
    this.#entries.delete(url);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= most && oldest !== undefined) this.#entries.delete(oldest);
    const fetching = this.#fetch(url);
    const entry: Entry = {
      found: fetching.then(({ found, goodForMs }) => {
        entry.untilMs = now() + goodForMs;
        return found;
      }),
      untilMs: Infinity,
    };
    this.#entries.set(url, entry);
    return entry.found;
  }

  /** Never rejects. */
  async #fetch(url: string): Promise<{ found: FoundCertificates; goodForMs: number }> {
    this.#fetches += 1;
    try {
      const fetched = await this.#options.fetch(url);
      if (typeof fetched === 'string') return { found: fetched, goodForMs: FAILED_MS };
      const found = readCertificates(fetched.bytes);
      if (found.length === 0) {
        return { found: `there is no certificate at ${url}`, goodForMs: FAILED_MS };
      }
      const goodForMs = Math.min(Math.max(fetched.goodForMs, SHORTEST_MS), LONGEST_MS);
      return { found, goodForMs };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return { found: `certificate at ${url}: ${cause}`, goodForMs: FAILED_MS };
    } finally {
      this.#fetches -= 1;
    }
  }
}
