import type { CallMailbox } from './call-mailbox.ts';

/** The mailboxes of this pod, by all that a message may know an INVITE by. */
export class CallDirectory {
  readonly #byTransaction = new Map<string, CallMailbox>();
  readonly #byCallId = new Map<string, CallMailbox>();
  /** By what tells an INVITE that came by two ways from two INVITEs. */
  readonly #byOrigin = new Map<string, CallMailbox>();

  /** How many have no final answer yet. */
  get pendingCalls(): number {
    let pending = 0;
    for (const mailbox of this.#byTransaction.values()) pending += mailbox.isPending ? 1 : 0;
    return pending;
  }

  /** All of them, as of now. */
  all(): CallMailbox[] {
    return [...this.#byTransaction.values()];
  }

  add(mailbox: CallMailbox): void {
    this.#byOrigin.set(mailbox.origin, mailbox);
    this.#byTransaction.set(mailbox.transactionKey, mailbox);
  }

  /** The call has taken its id. @param formerId the one that it had until now */
  name(mailbox: CallMailbox, formerId?: string): void {
    if (formerId !== undefined) this.#byCallId.delete(formerId);
    this.#byCallId.set(mailbox.callId, mailbox);
  }

  remove(mailbox: CallMailbox): void {
    const { callId, origin, transactionKey } = mailbox;
    if (this.#byTransaction.get(transactionKey) === mailbox) {
      this.#byTransaction.delete(transactionKey);
    }
    if (this.#byCallId.get(callId) === mailbox) this.#byCallId.delete(callId);
    if (this.#byOrigin.get(origin) === mailbox) this.#byOrigin.delete(origin);
  }

  byTransaction(key: string): CallMailbox | undefined {
    return this.#byTransaction.get(key);
  }

  byCallId(callId: string): CallMailbox | undefined {
    return this.#byCallId.get(callId);
  }

  byOrigin(origin: string): CallMailbox | undefined {
    return this.#byOrigin.get(origin);
  }

  /** A call that has no final answer yet. */
  pending(callId: string): CallMailbox | undefined {
    const mailbox = this.#byCallId.get(callId);
    return mailbox?.isPending === true ? mailbox : undefined;
  }
}
