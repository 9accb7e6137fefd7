import type { LinkEndpoint } from './endpoint.ts';
import { formatEndpoint } from './endpoint.ts';

/** How often a watched end is asked, ms. */
export const PING_MS = 100;
/** An end that has answered and is silent for this long is taken for gone, ms: so soon that the first repetition gets through. */
const SILENT_MS = 350;

/** Share of a round that may have passed since an end was heard of for it not to be asked. */
const HEARD_SHARE = 0.75;

/** For how long an end is asked after somebody wanted to know, ms. */
const WANTED_MS = 5000;

interface Watched {
  readonly endpoint: LinkEndpoint;
  /** 0: never heard. */
  heardMs: number;
  /** When somebody wanted to know last. */
  wantedMs: number;
  /** Since when somebody has wanted to know, without a pause: what was not asked is not silent. */
  askedMs: number;
  /** Its machine has said that no process has the port, and nothing has come from there since. */
  isRefused: boolean;
}

/**
 * Which ends of links live, as this pod hears them itself: the lease of a dead pod runs for up to 1.9 s, and an end that is
 * not in the registry has none. Only those are asked that somebody wants to know of, and new ones until they have answered
 * once: pods that nothing is sent to cost nothing.
 */
export class LinkWatch {
  readonly #watched = new Map<string, Watched>();

  /** The ends to watch from now on; what is known of those that stay is kept. */
  watch(
    addresses: readonly string[],
    endpointOf: (text: string) => LinkEndpoint | undefined,
  ): void {
    const wanted = new Set(addresses);
    for (const address of this.#watched.keys()) {
      if (!wanted.has(address)) this.#watched.delete(address);
    }
    for (const address of wanted) {
      const endpoint = endpointOf(address);
      if (endpoint === undefined || this.#watched.has(address)) continue;
      const unknown = { heardMs: 0, wantedMs: -Infinity, askedMs: 0, isRefused: false };
      this.#watched.set(address, { endpoint, ...unknown });
    }
  }

  /**
   * Those to be asked now: what was heard of since the last round has shown that it lives. Where two ends watch each other,
   * only one of them asks therefore.
   */
  toAsk(nowMs: number): LinkEndpoint[] {
    const endpoints: LinkEndpoint[] = [];
    for (const watched of this.#watched.values()) {
      // The one that was asked a round ago has answered nearly as long ago.
      const isDue = nowMs - watched.heardMs >= PING_MS * HEARD_SHARE;
      if (isDue && isOfInterest(watched, nowMs)) endpoints.push(watched.endpoint);
    }
    return endpoints;
  }

  /** Whether there is an end to be asked, now or soon. */
  isAsking(nowMs: number): boolean {
    for (const watched of this.#watched.values()) if (isOfInterest(watched, nowMs)) return true;
    return false;
  }

  /** Something came from this end. */
  heard(from: LinkEndpoint, nowMs: number): void {
    const watched = this.#watched.get(formatEndpoint(from));
    if (watched === undefined) return;
    watched.heardMs = nowMs;
    watched.isRefused = false;
  }

  /** No process has the port of this end: it is silent until something comes from there. */
  refused(address: string): void {
    const watched = this.#watched.get(address);
    if (watched !== undefined) watched.isRefused = true;
  }

  /**
   * Whether the end is watched, and has refused what asked it, or has been heard, and not for `silentMs` in which it was asked. What was
   * never heard may not know how to answer. From now on it is asked, for as long as somebody wants to know.
   */
  isSilent(address: string, nowMs: number, silentMs = SILENT_MS): boolean {
    const watched = this.#watched.get(address);
    if (watched === undefined) return false;
    if (nowMs - watched.wantedMs > WANTED_MS) watched.askedMs = nowMs;
    watched.wantedMs = nowMs;
    if (watched.isRefused) return true;
    return watched.heardMs > 0 && nowMs - Math.max(watched.heardMs, watched.askedMs) > silentMs;
  }
}

function isOfInterest({ heardMs, wantedMs }: Watched, nowMs: number): boolean {
  return heardMs === 0 || nowMs - wantedMs <= WANTED_MS;
}
