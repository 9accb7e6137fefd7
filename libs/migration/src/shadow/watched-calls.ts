import {
  callId,
  cseq,
  from,
  parseCredentials,
  parseMessage,
  SipParseError,
  SipRequest,
  to,
  userOf,
} from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { HepPacket } from './hep.ts';

/** A call as its packets tell it, before it is known who the sides are. */
export interface WatchedCall {
  readonly callId: string;
  readonly atMs: number;
  /** Address and port of who called. */
  readonly source: string;
  /** User of From. */
  readonly caller: string;
  /** User of the Request-URI, as it came in. */
  readonly callee: string;
  /** Who it was proved to be by digest; empty where nobody was asked. */
  readonly username: string;
  /** Where it was sent, in order. */
  readonly gateways: readonly string[];
  /** What the caller was answered in the end; 0: no answer was seen. */
  readonly code: number;
}

/** How long is waited for what. */
interface WatchTimes {
  /** For late packets, after the final answer. @default 1000 */
  readonly lingerMs?: number;
  /** For the call with credentials, after a challenge. @default 32000 */
  readonly challengeMs?: number;
  /** For a final answer. @default 300000 */
  readonly silenceMs?: number;
  /** Calls at once; further ones are not watched. @default 50000 */
  readonly most?: number;
}

interface Watching {
  atMs: number;
  source: string;
  destination: string;
  caller: string;
  callee: string;
  username: string;
  gateways: string[];
  code: number;
  /** By this machine's clock. */
  dueMs: number;
  isReported: boolean;
}

/**
 * Pairs the packets of calls: INVITE in, INVITEs out, final answer. Of one Call-ID the first INVITE is what came in, and
 * one from elsewhere is what was sent on; where that has a Call-ID of its own, the sender of the copy must say so
 * (correlation id).
 */
export class WatchedCalls {
  readonly #calls = new Map<string, Watching>();
  readonly #times: Required<WatchTimes>;
  /** Calls that were too many to be watched. */
  overflow = 0;

  constructor(times: WatchTimes = {}) {
    this.#times = { lingerMs: 1000, challengeMs: 32_000, silenceMs: 300_000, most: 50_000, ...times }; // prettier-ignore
  }

  /** @param nowMs of this machine; false where the packet is nothing of a call's set-up, or no SIP */
  see(packet: HepPacket, nowMs: number): boolean {
    try {
      const message = parseMessage(packet.payload);
      return message instanceof SipRequest
        ? this.#seeRequest(message, packet, nowMs)
        : this.#seeResponse(message, packet, nowMs);
    } catch (error) {
      // A copy of what is no SIP, such as keep-alives.
      if (error instanceof SipParseError) return false;
      throw error;
    }
  }

  /** Calls that are over, once each. @param isEnd also those that wait for something */
  take(nowMs: number, isEnd = false): WatchedCall[] {
    const done: WatchedCall[] = [];
    for (const [id, call] of this.#calls) {
      if (call.dueMs > nowMs && !(isEnd && !call.isReported)) continue;
      if (call.isReported) {
        this.#calls.delete(id);
        continue;
      }
      const { atMs, callee, caller, code, gateways, source, username } = call;
      done.push({ callId: id, atMs, source, caller, callee, username, gateways, code });
      // What comes again of it is no new call.
      call.isReported = true;
      call.dueMs = nowMs + this.#times.challengeMs;
    }
    return done;
  }

  #seeRequest(request: SipRequest, packet: HepPacket, nowMs: number): boolean {
    if (request.method !== 'INVITE' || to(request).tag !== undefined) return false;
    const id = this.#idOf(callId(request), packet);
    const call = this.#calls.get(id);
    if (call === undefined) this.#begin(id, request, packet, nowMs);
    else if (packet.source === call.source) this.#again(call, request, nowMs);
    else if (packet.destination === call.source && packet.source !== call.destination) {
      // What was sent on was heard of first.
      call.gateways = [call.destination, ...call.gateways];
      Object.assign(call, partsOf(request, packet));
    } else if (!call.gateways.includes(packet.destination)) call.gateways.push(packet.destination);
    return true;
  }

  #begin(id: string, request: SipRequest, packet: HepPacket, nowMs: number): void {
    if (this.#calls.size >= this.#times.most) {
      this.overflow += 1;
      return;
    }
    this.#calls.set(id, {
      ...partsOf(request, packet),
      gateways: [],
      code: 0,
      dueMs: nowMs + this.#times.silenceMs,
      isReported: false,
    });
  }

  /** Once more, or with credentials after a challenge. */
  #again(call: Watching, request: SipRequest, nowMs: number): void {
    const username = usernameIn(request);
    if (username === '' || call.isReported) return;
    call.username = username;
    if (call.code !== 401 && call.code !== 407) return;
    call.code = 0;
    call.dueMs = nowMs + this.#times.silenceMs;
  }

  #seeResponse(response: SipResponse, packet: HepPacket, nowMs: number): boolean {
    if (cseq(response).method !== 'INVITE') return false;
    const call = this.#calls.get(this.#idOf(callId(response), packet));
    if (call === undefined) return false;
    if (packet.destination !== call.source || response.status < 200) return true;
    if (call.isReported || (call.code >= 200 && call.code < 300)) return true;
    call.code = response.status;
    const isChallenge = response.status === 401 || response.status === 407;
    call.dueMs = nowMs + (isChallenge ? this.#times.challengeMs : this.#times.lingerMs);
    return true;
  }

  #idOf(own: string, { correlationId }: HepPacket): string {
    return !this.#calls.has(own) && this.#calls.has(correlationId) ? correlationId : own;
  }
}

function partsOf(
  request: SipRequest,
  { atMs, destination, source }: HepPacket,
): Pick<Watching, 'atMs' | 'source' | 'destination' | 'caller' | 'callee' | 'username'> {
  // prettier-ignore
  return {
    atMs,
    source,
    destination,
    caller: userOf(from(request).uri),
    callee: userOf(request.uri),
    username: usernameIn(request),
  };
}

function usernameIn({ headers }: SipRequest): string {
  const text = headers.get('Proxy-Authorization') ?? headers.get('Authorization');
  if (text === undefined) return '';
  try {
    return parseCredentials(text).username;
  } catch {
    return '';
  }
}
