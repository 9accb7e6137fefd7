import { RecentMap, readRequestHead, skimRequest } from '@tandem/sip';
import { messageKind } from '../messages/message-kind.ts';

/** More than these are asked about each time: addresses can be forged, memory is not there for them. */
const MOST_SOURCES = 65_536;
/** So long what auth has said still holds where its next answer takes its time. */
const GRACE_MS = 2000;
/** How often auth is asked again meanwhile, by one message that passes. */
const ASK_EVERY_MS = 200;

interface BlockedSource {
  readonly untilMs: number;
  askMs: number;
}

/**
 * Addresses that auth has black-listed (AUTH-08): nothing that begins something is taken from there, nor parsed. What is in a
 * dialog, and every response, passes. What auth says holds for a moment: one message passes then, so that it is asked again.
 */
export class BlockedSources {
  readonly #sources = new RecentMap<BlockedSource>(MOST_SOURCES);
  #isInUse = false;

  /** What auth has said of an address. @param forMs 0: it is not blocked */
  heard(address: string, forMs: number, nowMs: number): void {
    if (forMs > 0) {
      this.#isInUse = true;
      this.#sources.set(address, { untilMs: nowMs + forMs, askMs: nowMs + forMs });
    } else if (this.#isInUse && this.#sources.get(address) !== undefined) {
      this.#sources.set(address, free);
    }
  }

  /** Whether a message is to be dropped unread, without an answer. */
  drops(bytes: Buffer, address: string, nowMs: number): boolean {
    if (!this.#isInUse) return false;
    const source = this.#sources.get(address);
    if (source === undefined) return false;
    if (nowMs >= source.untilMs + GRACE_MS || !beginsSomething(bytes)) return false;
    if (nowMs < source.askMs) return true;
    source.askMs = nowMs + ASK_EVERY_MS;
    return false;
  }
}

const free: BlockedSource = { untilMs: -Infinity, askMs: -Infinity };

function beginsSomething(bytes: Buffer): boolean {
  const kind = messageKind(bytes);
  if (kind === 'going' || kind === 'ack') return false;
  return (skimRequest(bytes) ?? readRequestHead(bytes))?.hasToTag !== true;
}
