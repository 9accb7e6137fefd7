import type { OutboundWork, TakeOutboundResponse } from '@tandem/proto/outbound';
import { topVia, transportOf } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import { branchPrefixes } from '../../core/marks/branch-use.ts';
import { parseMarkBehind } from '../../core/marks/call-mark.ts';
import type { CallMark } from '../../core/marks/call-mark.ts';
import type { PeerAddress } from '../../core/network/peer-address.ts';
import type { EdgeResources } from '../../edge-resources.ts';
import type { OutboundClient } from './outbound-client.ts';
import { RegisterAttempt } from './register-attempt.ts';
import type { AttemptOutcome } from './register-attempt.ts';

type Resources = Pick<
  EdgeResources,
  'clock' | 'local' | 'logger' | 'random' | 'sealer' | 'transport'
>;

/** Where work comes from, and what reads its passwords. */
export interface CarrierSettings {
  readonly client: OutboundClient;
  /** @throws where it was sealed with another key */
  readonly openPassword: (sealed: string) => string;
}

/** What this pod has of a registration with a carrier. */
interface Turn {
  readonly turn: number;
  readonly attempt: RegisterAttempt | undefined;
  /** The connection of this pod that it is registered over. */
  readonly connection: number;
}

/** Often enough that a lease of the registrar lasts, and that its configuration is in effect within two seconds. */
const ASK_MS = 700;
/** Clocks of two machines do not run alike. */
const MARGIN_MS = 200;
/** A pod that stops has so long to say so to the carriers. */
const LEAVE_MS = 2500;

/**
 * Registers the switch with carriers (REG-08): asks the registrar what is due and says what came of it (ADR 48). What this pod
 * has is its own for as long as the registrar has said so within the lease; whatever state matters is there.
 */
export class CarrierRegistrations {
  readonly #edge: Resources;
  readonly #settings: CarrierSettings;
  readonly #turns = new Map<string, Turn>();
  readonly #byId = new Map<string, RegisterAttempt>();
  #timer: object | undefined;
  #asking: Promise<void> | undefined;
  #isAskedAgain = false;
  #maySendUntil = 0;
  #isAway = false;
  #isStopped = false;

  constructor(edge: Resources, settings: CarrierSettings) {
    this.#edge = edge;
    this.#settings = settings;
  }

  start(): void {
    this.#ask();
  }

  /** The pod that waits for the response with this branch; undefined where it is none of ours. */
  ownerOf(branch: string): CallMark | undefined {
    return parseMarkBehind(this.#edge.sealer, branchPrefixes.register, branch);
  }

  /** @returns whether this pod has waited for the response */
  receive(response: SipResponse, from: PeerAddress): boolean {
    const mark = this.ownerOf(topVia(response).branch ?? '');
    const attempt = mark && this.#byId.get(mark.callId);
    if (mark !== undefined) attempt?.receive(mark.sequence, response, from);
    return attempt !== undefined;
  }

  /** What went out with this branch could not be delivered. */
  undelivered(branch: string): void {
    const mark = this.ownerOf(branch);
    if (mark !== undefined) this.#byId.get(mark.callId)?.undelivered(mark.sequence);
  }

  /** RFC 5626: what was registered over it is to be registered anew. */
  connectionClosed(connection: number): void {
    for (const [gateway, { attempt, connection: own, turn }] of this.#turns) {
      if (own !== connection || attempt !== undefined) continue;
      this.#turns.delete(gateway);
      this.#report({ gateway, turn, cseq: 0, outcome: { $case: 'isFlowLost', value: true } });
    }
  }

  /** Takes nothing more: what this pod has is for others, or is unregistered where there are none. */
  async drain(): Promise<void> {
    if (this.#isStopped) return;
    this.#stop();
    await this.#asking;
    const held = this.#held();
    for (const { attempt } of this.#turns.values()) attempt?.close();
    this.#turns.clear();
    const askedMs = this.#edge.clock.now();
    try {
      const answer = await this.#settings.client.takeOutbound(this.#request(held, true));
      this.#maySendUntil = askedMs + LEAVE_MS;
      await this.#leaveBy(answer.work);
    } catch (error) {
      this.#edge.logger.warn({ err: error }, 'registrations with carriers not given back');
    }
  }

  close(): void {
    this.#stop();
    for (const attempt of this.#byId.values()) attempt.close();
    this.#byId.clear();
    this.#turns.clear();
  }

  #stop(): void {
    this.#isStopped = true;
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
  }

  #ask(): void {
    if (this.#isStopped) return;
    if (this.#asking !== undefined) {
      this.#isAskedAgain = true;
      return;
    }
    if (this.#timer !== undefined) this.#edge.clock.stop(this.#timer);
    this.#asking = this.#askOnce().finally(() => {
      this.#asking = undefined;
      if (this.#isStopped) return;
      this.#timer = this.#edge.clock.start(this.#isAskedAgain ? 0 : ASK_MS, () => {
        this.#ask();
      });
      this.#isAskedAgain = false;
    });
  }

  async #askOnce(): Promise<void> {
    const { clock, logger } = this.#edge;
    const askedMs = clock.now();
    try {
      const answer = await this.#settings.client.takeOutbound(this.#request(this.#held(), false));
      this.#isAway = false;
      this.#maySendUntil = askedMs + answer.leaseMs - MARGIN_MS;
      this.#take(answer);
    } catch (error) {
      if (!this.#isAway)
        logger.warn({ err: error }, 'registrar does not say what is due at carriers');
      this.#isAway = true;
    }
  }

  #request(
    held: { gateway: string; turn: number }[],
    isLeaving: boolean,
  ): { edge: string; held: { gateway: string; turn: number }[]; isLeaving: boolean } {
    return { edge: this.#edge.local.name, held, isLeaving };
  }

  #held(): { gateway: string; turn: number }[] {
    return [...this.#turns].map(([gateway, { turn }]) => ({ gateway, turn }));
  }

  #take({ lost, work }: TakeOutboundResponse): void {
    if (this.#isStopped) return;
    for (const gateway of lost) {
      this.#turns.get(gateway)?.attempt?.close();
      this.#turns.delete(gateway);
    }
    for (const each of work) this.#begin(each);
  }

  #begin(work: OutboundWork, onDone?: () => void): void {
    const { gateway = '' } = work.settings ?? {};
    const { turn } = work;
    const id = this.#edge.random(12);
    const attempt: RegisterAttempt = new RegisterAttempt(this.#edge, {
      work,
      id,
      openPassword: this.#settings.openPassword,
      maySend: () => this.#edge.clock.now() < this.#maySendUntil,
      onDone: (outcome, from) => {
        this.#byId.delete(id);
        this.#done({ gateway, turn, attempt }, outcome, from);
        onDone?.();
      },
    });
    this.#turns.get(gateway)?.attempt?.close();
    this.#turns.set(gateway, { turn, attempt, connection: 0 });
    this.#byId.set(id, attempt);
    attempt.start();
  }

  #done(
    {
      attempt,
      gateway,
      turn,
    }: { readonly gateway: string; readonly turn: number; readonly attempt: RegisterAttempt },
    outcome: AttemptOutcome,
    from: PeerAddress | undefined,
  ): void {
    const now = this.#turns.get(gateway);
    if (now?.turn !== turn) return;
    const connection = connectionOf(from);
    // Whoever holds it no more hears so with the next answer.
    this.#turns.set(gateway, { turn, attempt: undefined, connection });
    this.#report({ gateway, turn, cseq: attempt.cseq, outcome });
  }

  #report(said: {
    readonly gateway: string;
    readonly turn: number;
    readonly cseq: number;
    readonly outcome: AttemptOutcome | { readonly $case: 'isFlowLost'; readonly value: boolean };
  }): void {
    const { cseq, gateway, outcome, turn } = said;
    const { local, logger } = this.#edge;
    this.#settings.client
      .reportOutbound({ edge: local.name, hold: { gateway, turn }, cseq, outcome })
      .then(
        () => {
          this.#ask();
        },
        (error: unknown) => {
          // Given up: its lease ends, and it is registered anew.
          if (this.#turns.get(gateway)?.turn === turn) this.#turns.delete(gateway);
          logger.warn({ err: error, gateway }, 'registrar not told of a registration');
        },
      );
  }

  async #leaveBy(work: readonly OutboundWork[]): Promise<void> {
    const { clock } = this.#edge;
    const done = work.map((each) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#begin(each, () => {
        resolve(undefined);
      });
      return promise;
    });
    const limit = Promise.withResolvers<undefined>();
    const timer = clock.start(LEAVE_MS, () => {
      limit.resolve(undefined);
    });
    await Promise.race([Promise.all(done), limit.promise]);
    clock.stop(timer);
  }
}

/** Of this pod's own sockets; 0 for UDP, and where another gate has it. */
function connectionOf(from: PeerAddress | undefined): number {
  return from !== undefined && transportOf(from).isConnectionBound
    ? (from.flow?.connection ?? 0)
    : 0;
}
