import type { CallSession } from './call-session.ts';

/** The calls in this pod's memory, by all that a message may know them by. */
export class CallDirectory {
  readonly #byTransaction = new Map<string, CallSession>();
  readonly #byCallId = new Map<string, CallSession>();
  /** By what tells an INVITE that came by two ways from two INVITEs. */
  readonly #byOrigin = new Map<string, CallSession>();

  /** How many have no final answer yet. */
  get pendingCalls(): number {
    let pending = 0;
    for (const session of this.#byTransaction.values()) pending += session.isPending ? 1 : 0;
    return pending;
  }

  /** All of them, as of now. */
  all(): CallSession[] {
    return [...this.#byTransaction.values()];
  }

  add(session: CallSession): void {
    this.#byOrigin.set(session.origin, session);
    this.#byTransaction.set(session.transactionKey, session);
  }

  /** The call has taken its id. @param formerId the one that it had until now */
  name(session: CallSession, formerId?: string): void {
    if (formerId !== undefined) this.#byCallId.delete(formerId);
    this.#byCallId.set(session.callId, session);
  }

  remove(session: CallSession): void {
    const { callId, origin, transactionKey } = session;
    if (this.#byTransaction.get(transactionKey) === session) {
      this.#byTransaction.delete(transactionKey);
    }
    if (this.#byCallId.get(callId) === session) this.#byCallId.delete(callId);
    if (this.#byOrigin.get(origin) === session) this.#byOrigin.delete(origin);
  }

  byTransaction(key: string): CallSession | undefined {
    return this.#byTransaction.get(key);
  }

  byCallId(callId: string): CallSession | undefined {
    return this.#byCallId.get(callId);
  }

  byOrigin(origin: string): CallSession | undefined {
    return this.#byOrigin.get(origin);
  }

  /** A call that has no final answer yet. */
  pending(callId: string): CallSession | undefined {
    const session = this.#byCallId.get(callId);
    return session?.isPending === true ? session : undefined;
  }
}
