import { cseq, responseTo, to, type SipRequest, type SipResponse } from '@tandem/sip';
import type { LoadDialog } from './load-dialog.ts';

/** Callees behind one INVITE, each in an early dialog of its own, whose responses want a PRACK (RFC 3262). */
export interface ReliableForksParts {
  readonly invite: SipRequest;
  /** The last one is rung once more, and will answer. */
  readonly dialogs: readonly LoadDialog[];
  readonly respond: (response: SipResponse) => void;
  readonly after: (ms: number, run: () => void) => void;
  /** A response was repeated as long as may be. */
  readonly onGivenUp: () => void;
  /** Every response has its PRACK. */
  readonly onAcknowledged: () => void;
}

interface Callee {
  readonly dialog: LoadDialog;
  /** Of its last response. */
  sequence: number;
  isAcknowledged: boolean;
}

/** RFC 3262 §3: T1, and 64 times that at most. */
const FIRST_REPEAT_MS = 500;
const GIVEN_UP_MS = 32_000;

/** Rings callees reliably, one after the other, and the last one twice. */
export class ReliableForks {
  readonly #parts: ReliableForksParts;
  readonly #callees: readonly Callee[];

  constructor(parts: ReliableForksParts) {
    this.#parts = parts;
    this.#callees = parts.dialogs.map((dialog) => ({ dialog, sequence: 0, isAcknowledged: false }));
  }

  start(): void {
    for (const callee of this.#callees) this.#ring(callee);
  }

  /** Takes a PRACK. @returns what a strict callee would refuse in it */
  acknowledge(prack: SipRequest): readonly string[] {
    const callee = this.#callees.find(({ dialog }) => dialog.localTag === to(prack).tag);
    if (callee === undefined) return ['belongs to no callee'];
    const faults = [...callee.dialog.judge(prack)];
    const expected = `${String(callee.sequence)} ${String(cseq(this.#parts.invite).number)} INVITE`;
    const told = prack.headers.get('RAck') ?? '';
    if (told !== expected) faults.push(`has RAck ${told} instead of ${expected}`);
    if (callee.isAcknowledged) faults.push('comes a second time');
    callee.isAcknowledged = true;
    this.#goOn();
    return faults;
  }

  #goOn(): void {
    if (!this.#callees.every(({ isAcknowledged }) => isAcknowledged)) return;
    const last = this.#callees.at(-1);
    if (last?.sequence === 1) this.#ring(last);
    else this.#parts.onAcknowledged();
  }

  #ring(callee: Callee): void {
    const { invite } = this.#parts;
    callee.sequence++;
    callee.isAcknowledged = false;
    const { dialog, sequence } = callee;
    const ringing = responseTo(invite, 180, 'Ringing', { toTag: dialog.localTag });
    ringing.headers.append('Contact', `<${dialog.contactUri}>`);
    ringing.headers.append('Require', '100rel');
    ringing.headers.append('RSeq', String(sequence));
    this.#sendRepeatedly(callee, ringing, FIRST_REPEAT_MS);
  }

  #sendRepeatedly(callee: Callee, ringing: SipResponse, nextMs: number): void {
    const { after, onGivenUp, respond } = this.#parts;
    const { sequence } = callee;
    respond(ringing);
    after(nextMs, () => {
      if (callee.isAcknowledged || callee.sequence !== sequence) return;
      if (nextMs >= GIVEN_UP_MS) onGivenUp();
      else this.#sendRepeatedly(callee, ringing, nextMs * 2);
    });
  }
}
