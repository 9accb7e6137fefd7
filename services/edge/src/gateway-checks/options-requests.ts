import type { CheckedAddress, CheckOutcome } from '@tandem/proto/health';
import { readableText, serialize, topVia, transportOf } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { destinationsAt } from '../core/call/targets.ts';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { formatMark, parseMarkBehind } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import { gatewayOptions } from '../core/messages/gateway-options.ts';
import { nameForGateway } from '../core/network/local-addresses.ts';
import { formatPeerAddress } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { unreachable } from '../core/network/unreachable.ts';
import type { EdgeResources } from '../edge-resources.ts';

type Resources = Pick<EdgeResources, 'clock' | 'local' | 'random' | 'sealer' | 'transport'>;

/** An address that is to be asked. */
export interface OptionsAsked {
  readonly address: CheckedAddress;
  readonly timeoutMs: number;
  /** What is lost on the way is not sent again: so that it can be counted. @default false */
  readonly isSentOnce?: boolean | undefined;
  /** Called once. */
  readonly onDone: (outcome: CheckOutcome) => void;
}

const PREFIX = branchPrefixes.check;
/** RFC 3261 §17.1.2.2, timer E: over UDP it is sent again so long after the first time. */
const AGAIN_MS = [500, 1500, 3500, 7500];
/** How often it is looked what has had no answer, while something is under way. */
const LOOK_MS = 100;

/** One that has no final response yet. */
interface Sent extends OptionsAsked {
  readonly bytes: Buffer;
  readonly to: PeerAddress;
  readonly sentMs: number;
  /** How often it was sent. */
  times: number;
}

/** Asks addresses of gateways by OPTIONS whether they are there (RFC 3261 §11). What waits here is lost with the pod. */
export class OptionsRequests {
  readonly #edge: Resources;
  /** By id, the oldest first. */
  readonly #sent = new Map<string, Sent>();
  #timer: object | undefined;

  constructor(edge: Resources) {
    this.#edge = edge;
  }

  send(asked: OptionsAsked): void {
    const { clock, local, random, sealer, transport } = this.#edge;
    const { address: checked } = asked;
    const target = { ...checked, addresses: [checked.address], flow: '', path: [] };
    const to = destinationsAt([target])[0]?.address;
    const name = to === undefined ? 'no-address' : nameForGateway(local, to);
    if (to === undefined || typeof name === 'string') {
      const failure = unreachable[name as keyof typeof unreachable];
      asked.onDone(outcomeOf(asked, { failure, times: 0 }));
      return;
    }
    const id = random(12);
    const { epoch, slot } = local;
    const branch = PREFIX + formatMark(sealer, { slot, epoch, callId: id, sequence: 1 });
    const { uri } = checked;
    const request = gatewayOptions({ uri, local: name, branch, id, transport: to.transport });
    const bytes = serialize(request);
    this.#sent.set(id, { ...asked, bytes, to, sentMs: clock.now(), times: 1 });
    transport.send(bytes, to);
    this.#lookLater();
  }

  /** @returns whether this pod has waited for the response */
  receive(response: SipResponse, from: PeerAddress): boolean {
    const id = this.ownerOf(topVia(response).branch ?? '')?.callId ?? '';
    const sent = this.#sent.get(id);
    if (sent === undefined) return false;
    const { reason, status } = response;
    if (status < 200) return true;
    this.#done(id, sent, {
      code: status,
      reason: readableText(reason),
      rttMs: Math.max(0, Math.round(this.#edge.clock.now() - sent.sentMs)),
      source: formatPeerAddress(from),
    });
    return true;
  }

  /** What went out with this branch could not be delivered (RFC 3261 §18.4). */
  undelivered(branch: string): void {
    const id = this.ownerOf(branch)?.callId ?? '';
    const sent = this.#sent.get(id);
    if (sent === undefined) return;
    const failure = transportOf(sent.to).isConnectionBound
      ? 'it cannot be connected to, or its certificate is not for it'
      : 'nothing can be sent to it';
    this.#done(id, sent, { failure });
  }

  /** The pod that waits for the response with this branch; undefined where it is none of ours. */
  ownerOf(branch: string): CallMark | undefined {
    return parseMarkBehind(this.#edge.sealer, PREFIX, branch);
  }

  close(): void {
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
    this.#sent.clear();
  }

  #lookLater(): void {
    this.#timer ??= this.#edge.clock.start(LOOK_MS, () => {
      this.#timer = undefined;
      this.#look();
      if (this.#sent.size > 0) this.#lookLater();
    });
  }

  /** Sends again what has had no answer, and gives up what has waited for too long. */
  #look(): void {
    const now = this.#edge.clock.now();
    for (const [id, sent] of this.#sent) {
      const { bytes, isSentOnce, sentMs, timeoutMs, times, to } = sent;
      const age = now - sentMs;
      const mayRepeat = isSentOnce !== true && !transportOf(to).isReliable;
      if (age >= timeoutMs) {
        this.#done(id, sent, { failure: `no answer within ${String(timeoutMs / 1000)} s` });
      } else if (mayRepeat && age >= (AGAIN_MS[times - 1] ?? Infinity)) {
        sent.times += 1;
        this.#edge.transport.send(bytes, to);
      }
    }
  }

  #done(id: string, sent: Sent, said: Partial<CheckOutcome>): void {
    this.#sent.delete(id);
    sent.onDone(outcomeOf(sent, { times: sent.times, ...said }));
  }
}

function outcomeOf(
  { address: { address, transport } }: Pick<OptionsAsked, 'address'>,
  said: Partial<CheckOutcome>,
): CheckOutcome {
  const nothing = { code: 0, reason: '', failure: '', rttMs: 0, source: '', times: 0 };
  return { transport, address, ...nothing, ...said };
}
