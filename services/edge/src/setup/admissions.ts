import type { SipRequest } from '@tandem/sip';
import { authenticateRequest } from '../core/call/authenticate-request.ts';
import type { AuthVerdict } from '../core/call/call-state.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { CallSpan } from './call-span.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { PeerMessage } from './held-work.ts';
import { accepted, answerStateless, challengeStateless, noCall } from './stateless-answers.ts';

/** An INVITE of which it is not known yet who calls. */
export interface Newcomer {
  readonly invite: SipRequest;
  readonly source: PeerAddress;
  readonly transactionKey: string;
  /** The same for an INVITE that came by another way too (RFC 3261 §8.2.2.2). */
  readonly origin: string;
}

/** A newcomer that auth is asked about. */
export interface Admission extends Newcomer {
  /** The id of the call that it may become. */
  readonly callId: string;
  readonly startedMs: number;
  readonly span: CallSpan;
}

/** A CANCEL, and who sent it. */
export interface CancelMessage extends PeerMessage {
  readonly message: SipRequest;
}

/** What becomes of those that are not challenged. */
export type OnAdmitted = (
  admission: Admission,
  decided: {
    readonly verdict: AuthVerdict;
    /** The caller has taken its INVITE back meanwhile. */
    readonly cancel: CancelMessage | undefined;
  },
) => void;

/**
 * The INVITEs that auth is asked about. Nothing is written, said or remembered of them but that they are asked about: half of
 * all calls with digest begin with one that is challenged, statelessly (RFC 3261 §8.2.7), and becomes no call.
 */
export class Admissions {
  readonly #edge: EdgeResources;
  readonly #onAdmitted: OnAdmitted;
  readonly #asked = new Map<string, Admission>();
  readonly #origins = new Set<string>();
  /** CANCELs that wait for what auth says, by transaction. */
  readonly #cancels = new Map<string, CancelMessage>();

  constructor(edge: EdgeResources, onAdmitted: OnAdmitted) {
    this.#edge = edge;
    this.#onAdmitted = onAdmitted;
  }

  /** How many are asked about now. */
  get size(): number {
    return this.#asked.size;
  }

  /** The INVITE of a transaction that is asked about. */
  byTransaction(key: string): Newcomer | undefined {
    return this.#asked.get(key);
  }

  hasOrigin(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /** Asks auth who calls. */
  ask(newcomer: Newcomer): void {
    const { clock, random } = this.#edge;
    const { origin, transactionKey } = newcomer;
    const begun = { callId: random(12), startedMs: clock.now(), span: new CallSpan() };
    const admission = { ...newcomer, ...begun };
    this.#asked.set(transactionKey, admission);
    this.#origins.add(origin);
    // It never rejects.
    void this.#authenticate(admission).then((verdict) => {
      if (this.#asked.get(transactionKey) === admission) this.#decide(admission, verdict);
    });
  }

  /**
   * Keeps a CANCEL of one that is asked about. A repetition changes nothing: the one answer is for it too. That of a stranger
   * keeps nobody's place.
   */
  cancel(key: string, cancel: CancelMessage): void {
    const { address } = this.#asked.get(key)?.source ?? cancel.from;
    const kept = this.#cancels.get(key);
    const isBetter = kept?.from.address !== address && cancel.from.address === address;
    if (kept === undefined || isBetter) this.#cancels.set(key, cancel);
  }

  /** Whatever auth says, nothing comes of them here: their senders repeat them, to this pod or another. */
  forget(): void {
    for (const { callId, span } of this.#asked.values()) span.end(callId, 'lost');
    this.#asked.clear();
    this.#origins.clear();
    this.#cancels.clear();
  }

  async #authenticate({ callId, invite, source, span }: Admission): Promise<AuthVerdict> {
    const { auth, logger, network } = this.#edge;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const { traceParent } = span;
    try {
      const request = authenticateRequest(invite, { source, traceParent, isSourceHidden });
      const response = await auth.authenticate(request);
      passed('after-authenticate');
      return { kind: 'answered', response };
    } catch (error) {
      logger.warn({ err: error, callId, what: 'auth' }, 'call cannot be decided');
      const text = error instanceof Error ? error.message : 'failed';
      return { kind: 'unavailable', text };
    }
  }

  #decide(admission: Admission, verdict: AuthVerdict): void {
    const { callId, invite, origin, source, span, transactionKey } = admission;
    const cancel = this.#cancels.get(transactionKey);
    this.#asked.delete(transactionKey);
    this.#origins.delete(origin);
    this.#cancels.delete(transactionKey);
    const outcome = verdict.kind === 'answered' ? verdict.response.outcome : undefined;
    if (outcome?.$case !== 'challenge') {
      this.#onAdmitted(admission, { verdict, cancel });
      return;
    }
    if (cancel !== undefined) {
      // RFC 3261 §9.2: with the tag of the INVITE's own answer. Who may send it from elsewhere is not challenged.
      const answer =
        cancel.from.address === source.address
          ? { ...accepted, toTag: statelessTag(invite) }
          : noCall;
      answerStateless(this.#edge, cancel.message, { source: cancel.from, answer });
    }
    challengeStateless(this.#edge, { invite, source, challenge: outcome.value });
    span.end(callId, 'challenged');
  }
}
