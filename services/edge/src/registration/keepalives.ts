import type { Keepalive, KeepaliveResult } from '@tandem/proto/registrar';
import { serialize, topVia, transportOf } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { destinationsAt } from '../core/call/targets.ts';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { MARK_CHARACTERS, formatMark, parseMark } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import { keepaliveRequest } from '../core/messages/keepalive.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { keepalives } from '../telemetry.ts';
import type { RegistrarClient } from './registrar-client.ts';

export type KeepaliveResources = Pick<
  EdgeResources,
  'clock' | 'local' | 'logger' | 'random' | 'sealer' | 'transport'
> & { readonly registrar: RegistrarClient };

const PREFIX = branchPrefixes.keepalive;
/** How often it is asked what is due: between half of this and one and a half, so that pods share it evenly. */
const ASK_MS = 500;
/** Over UDP it is sent again so long after the first time, and given up after the last (RFC 3261 §17.1.2.2, in short). */
const AGAIN_MS = [500, 1500, 3500];
const GIVEN_UP_MS = 7500;

/** One that has no answer yet. */
interface Sent {
  readonly keepalive: Keepalive;
  readonly bytes: Buffer;
  readonly to: PeerAddress;
  readonly sentMs: number;
  /** How often it was sent. */
  times: number;
}

/**
 * Sends the keep-alives that fall to this pod (REG-04). Whose turn it is the registrar's store says, to one pod alone. What this
 * pod knows besides is lost with it: it counts for nothing, and the next round is another pod's.
 */
export class Keepalives {
  readonly #edge: KeepaliveResources;
  /** By id, the oldest first. */
  readonly #sent = new Map<string, Sent>();
  #results: KeepaliveResult[] = [];
  #timer: object | undefined;
  #isLeaving = false;
  #isClosed = false;

  constructor(edge: KeepaliveResources) {
    this.#edge = edge;
  }

  start(): void {
    const waitMs = ASK_MS * (0.5 + this.#draw());
    this.#timer = this.#edge.clock.start(waitMs, () => {
      this.#exchange()
        .catch((error: unknown) => {
          this.#edge.logger.debug({ err: error }, 'keep-alives not exchanged');
        })
        .finally(() => {
          if (!this.#isClosed) this.start();
        });
    });
  }

  /** None are begun any more; what is under way is waited for. */
  drain(): void {
    this.#isLeaving = true;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#sent.clear();
  }

  /** @returns whether this pod has waited for the response */
  receive(response: SipResponse): boolean {
    const id = this.ownerOf(topVia(response).branch ?? '')?.callId ?? '';
    const sent = this.#sent.get(id);
    if (sent === undefined) return false;
    // A phone that is still at it has been reached, too.
    this.#sent.delete(id);
    keepalives.add(1, { outcome: 'answered' });
    const rttMs = Math.max(0, Math.round(this.#edge.clock.now() - sent.sentMs));
    if (sent.keepalive.isAnswerTold)
      this.#results.push(resultOf(sent, { isAnswered: true, rttMs }));
    return true;
  }

  /** What went out with this branch could not be delivered: nobody listens there. */
  undelivered(branch: string): void {
    const id = this.ownerOf(branch)?.callId ?? '';
    const sent = this.#sent.get(id);
    if (sent !== undefined) this.#lost(id, sent, 'undelivered');
  }

  /** The pod that waits for the response with this branch; undefined where it is none of ours. */
  ownerOf(branch: string): CallMark | undefined {
    if (branch.length !== PREFIX.length + MARK_CHARACTERS || !branch.startsWith(PREFIX)) {
      return undefined;
    }
    return parseMark(this.#edge.sealer, branch.slice(PREFIX.length));
  }

  async #exchange(): Promise<void> {
    this.#lookAfter();
    const results = this.#results;
    this.#results = [];
    try {
      const { due } = await this.#edge.registrar.keepalives({
        results,
        isLeaving: this.#isLeaving,
      });
      for (const keepalive of due) this.#send(keepalive);
    } catch (error) {
      this.#results.unshift(...results.slice(0, MOST_RESULTS));
      throw error;
    }
  }

  #send(keepalive: Keepalive): void {
    const { clock, local, random, sealer, transport } = this.#edge;
    const to = keepalive.target && destinationsAt([keepalive.target])[0]?.address;
    if (to === undefined || this.#isClosed) return;
    const id = random(12);
    const { epoch, slot } = local;
    const branch = PREFIX + formatMark(sealer, { slot, epoch, callId: id, sequence: 0 });
    const uri = keepalive.contact;
    const name = nameTowards(local, to);
    const bytes = serialize(
      keepaliveRequest({ uri, local: name, branch, id, transport: to.transport }),
    );
    this.#sent.set(id, { keepalive, bytes, to, sentMs: clock.now(), times: 1 });
    transport.send(bytes, to);
  }

  /** Sends again what has had no answer, and gives up what has waited for too long. */
  #lookAfter(): void {
    const now = this.#edge.clock.now();
    for (const [id, sent] of this.#sent) {
      const age = now - sent.sentMs;
      if (age >= GIVEN_UP_MS) {
        this.#lost(id, sent, 'unanswered');
      } else if (
        age >= (AGAIN_MS[sent.times - 1] ?? Infinity) &&
        !transportOf(sent.to).isReliable
      ) {
        sent.times += 1;
        this.#edge.transport.send(sent.bytes, sent.to);
      }
    }
  }

  #lost(id: string, sent: Sent, outcome: 'undelivered' | 'unanswered'): void {
    this.#sent.delete(id);
    keepalives.add(1, { outcome });
    this.#results.push(resultOf(sent, { isAnswered: false, rttMs: 0 }));
  }

  /** In [0, 1). */
  #draw(): number {
    return Buffer.from(this.#edge.random(3), 'base64url').readUIntBE(0, 3) / 2 ** 24;
  }
}

/** Kept while the registrar is away. */
const MOST_RESULTS = 10_000;

function resultOf(
  { keepalive: { contact, phone, regId } }: Sent,
  outcome: Pick<KeepaliveResult, 'isAnswered' | 'rttMs'>,
): KeepaliveResult {
  return { phone, contact, regId, ...outcome };
}
