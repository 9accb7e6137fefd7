import type { OutboundAnswer, OutboundWork } from '@tandem/proto/outbound';
import { serialize } from '@tandem/sip';
import type { ClientTransaction, SipResponse } from '@tandem/sip';
import { destinationsAt } from '../../core/call/targets.ts';
import type { Destination } from '../../core/call/targets.ts';
import { branchPrefixes } from '../../core/marks/branch-use.ts';
import { formatMark, MOST_SEQUENCES } from '../../core/marks/call-mark.ts';
import { answersTo } from '../../core/messages/challenge-answers.ts';
import type { Authorization } from '../../core/messages/challenge-answers.ts';
import {
  outboundAnswer,
  outboundContact,
  outboundRegister,
} from '../../core/messages/outbound-register.ts';
import { nameForGateway } from '../../core/network/local-addresses.ts';
import type { LocalName } from '../../core/network/local-addresses.ts';
import type { PeerAddress } from '../../core/network/peer-address.ts';
import { unreachable } from '../../core/network/unreachable.ts';
import type { EdgeResources } from '../../edge-resources.ts';
import { isChallenge, ownRequest } from '../../setup/calls.ts';

type Resources = Pick<
  EdgeResources,
  'clock' | 'local' | 'logger' | 'random' | 'sealer' | 'transport'
>;

/** What came of it. */
export type AttemptOutcome =
  | { readonly $case: 'answer'; readonly value: OutboundAnswer }
  | { readonly $case: 'failure'; readonly value: string };

/** What an attempt needs of those who have it made. */
export interface AttemptParts {
  readonly work: OutboundWork;
  /** As a call id. */
  readonly id: string;
  /** @throws where it was sealed with another key */
  readonly openPassword: (sealed: string) => string;
  /** Whether this pod may send for it now (REG-08: nobody but one). */
  readonly maySend: () => boolean;
  /** @param from who answered, where somebody has */
  readonly onDone: (outcome: AttemptOutcome, from?: PeerAddress) => void;
}

/** An address that says nothing leaves time for others; the last one has until the transaction ends. */
const ADDRESS_MS = 8000;

/** One REGISTER. */
interface Sent {
  /** Index of the destination. */
  readonly at: number;
  readonly contact: string;
  readonly transaction: ClientTransaction<SipResponse>;
  readonly uri: string;
  readonly authorizations: readonly Authorization[];
  readonly round: number;
}

/**
 * Brings one REGISTER to a carrier: to its addresses one after the other (RFC 3263 §4.3), with answers to its challenges
 * (AUTH-11). Whether and when there is another is for the registrar to say.
 */
export class RegisterAttempt {
  readonly #edge: Resources;
  readonly #parts: AttemptParts;
  readonly #destinations: readonly Destination[];
  readonly #sent: Sent[] = [];
  /** The best that addresses have said. */
  #heard: { readonly outcome: AttemptOutcome; readonly from?: PeerAddress } | undefined;
  #timer: object | undefined;
  #isOver = false;
  #cseq: number;

  constructor(edge: Resources, parts: AttemptParts) {
    this.#edge = edge;
    this.#parts = parts;
    this.#destinations = destinationsAt(parts.work.targets);
    this.#cseq = parts.work.firstCseq - 1;
  }

  /** The highest number that was sent. */
  get cseq(): number {
    return this.#cseq;
  }

  start(): void {
    this.#try(0);
  }

  /** A response to what went out with this number in its branch. */
  receive(sequence: number, response: SipResponse, from: PeerAddress): void {
    const sent = this.#sent[sequence - 1];
    if (sent === undefined || sent !== this.#sent.at(-1) || this.#isOver) return;
    sent.transaction.receive(response);
    if (response.status >= 200) this.#final(sent, response, from);
  }

  /** What went out with this number could not be delivered (RFC 3261 §18.4). */
  undelivered(sequence: number): void {
    this.#sent[sequence - 1]?.transaction.transportError();
  }

  /** Ends it without a word. */
  close(): void {
    this.#isOver = true;
    this.#stop();
  }

  #try(at: number): void {
    const destination = this.#destinations[at];
    if (destination === undefined) {
      const { outcome, from } = this.#heard ?? {};
      this.#done(outcome ?? { $case: 'failure', value: 'the registrar has no address' }, from);
      return;
    }
    const { address, text } = destination;
    const local = address === undefined ? 'no-address' : nameForGateway(this.#edge.local, address);
    if (address === undefined || typeof local === 'string') {
      this.#failed(at, `${text}: ${unreachable[local as keyof typeof unreachable]}`);
      return;
    }
    this.#send({ at, local, address, authorizations: [], round: 0 });
    if (at + 1 === this.#destinations.length) return;
    this.#timer = this.#edge.clock.start(ADDRESS_MS, () => {
      this.#failed(at, `${text} does not answer`);
    });
  }

  #send(parts: Pick<Sent, 'at' | 'authorizations' | 'round'> & Leg): void {
    const { at, local, address, authorizations, round } = parts;
    const { id, maySend, work } = this.#parts;
    const { local: own, sealer, transport } = this.#edge;
    const sequence = this.#sent.length + 1;
    if (this.#cseq >= work.lastCseq || sequence > MOST_SEQUENCES) {
      this.#done({ $case: 'failure', value: 'there are too many addresses and challenges' });
      return;
    }
    this.#cseq += 1;
    const mark = formatMark(sealer, { slot: own.slot, epoch: own.epoch, callId: id, sequence });
    const { uri } = this.#destinations[at]?.target ?? { uri: '' };
    const request = {
      work,
      uri,
      local,
      transport: address.transport,
      branch: branchPrefixes.register + mark,
      cseq: this.#cseq,
      authorizations,
    };
    const transaction = ownRequest(
      {
        ...this.#edge,
        transport: {
          send: (bytes, to) => {
            // Of repetitions too: another pod may have it by now.
            if (maySend()) transport.send(bytes, to);
          },
        },
      },
      { bytes: serialize(outboundRegister(request)), to: address },
      {
        onFailure: () => {
          const { text } = this.#destinations[at] ?? { text: '' };
          if (transaction === this.#sent.at(-1)?.transaction) {
            this.#failed(at, `${text} does not answer, or cannot be connected to`);
          }
        },
        onTerminated: () => undefined,
      },
    );
    const contact = outboundContact(request);
    this.#sent.push({ at, contact, transaction, uri, authorizations, round });
    transaction.start();
  }

  #final(sent: Sent, response: SipResponse, from: PeerAddress): void {
    const { contact } = sent;
    const challenged = isChallenge(response) ? this.#challenged(sent, response) : undefined;
    if (challenged === 'answered') return;
    const value = outboundAnswer(response, { contact, from, text: challenged });
    const outcome = { $case: 'answer', value } as const;
    // RFC 3263 §4.3: another server may do.
    if (response.status !== 503) this.#done(outcome, from);
    else {
      this.#heard = { outcome, from };
      this.#next(sent.at);
    }
  }

  /** @returns why it is a refusal, where it is not answered */
  #challenged(sent: Sent, response: SipResponse): string {
    const { openPassword, work } = this.#parts;
    const { gateway = '', sealedPassword = '', username = '' } = work.settings ?? {};
    let password: string;
    try {
      password = sealedPassword === '' ? '' : openPassword(sealedPassword);
    } catch {
      return 'its password cannot be read with the secret key of this pod';
    }
    const outcome = answersTo(response, {
      credentials: { gateway, username, password },
      method: 'REGISTER',
      uri: sent.uri,
      passedBody: Buffer.alloc(0),
      authorizations: sent.authorizations,
      round: sent.round,
      cnonce: () => this.#edge.random(12),
    });
    if (outcome.kind === 'refused') return outcome.cause;
    const address = this.#destinations[sent.at]?.address;
    const local = address && nameForGateway(this.#edge.local, address);
    if (address === undefined || local === undefined || typeof local === 'string') return '';
    const { authorizations } = outcome;
    this.#send({ at: sent.at, local, address, authorizations, round: sent.round + 1 });
    return 'answered';
  }

  #failed(at: number, cause: string): void {
    if (this.#isOver) return;
    this.#heard ??= { outcome: { $case: 'failure', value: cause } };
    this.#next(at);
  }

  #next(at: number): void {
    this.#stop();
    this.#try(at + 1);
  }

  #done(outcome: AttemptOutcome, from?: PeerAddress): void {
    if (this.#isOver) return;
    this.close();
    this.#parts.onDone(outcome, from);
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#timer = undefined;
    for (const { transaction } of this.#sent) transaction.abandon();
  }
}

interface Leg {
  readonly local: LocalName;
  readonly address: PeerAddress;
}
