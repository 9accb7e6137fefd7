import { cseq, serialize, to, topVia, type SipMessage } from '@tandem/sip';
import type { CallRecord } from './call-record.ts';

/** How many faults of a call are kept with the whole message. */
const SHOWN = 3;

/** Writes down one call for both its ends: the record, and a ladder of every message. */
export class CallLog {
  readonly record: CallRecord;
  readonly #startedMs = Date.now();
  readonly #ladder: string[] = [];
  /** What an end has asked in the dialog; its repetitions may overtake the BYE. */
  readonly #asked = new Set<string>();
  readonly #onFault: () => void;

  constructor(record: CallRecord, onFault: () => void) {
    this.record = record;
    this.#onFault = onFault;
  }

  /** Every message in order: time since the start, end, direction, what it is. */
  get ladder(): readonly string[] {
    return this.#ladder;
  }

  note(end: string, direction: '<' | '>' | '×', message: SipMessage | string): void {
    const text = typeof message === 'string' ? message : describe(message);
    const at = String(Date.now() - this.#startedMs).padStart(6);
    this.#ladder.push(flat(`${at} ${end.padEnd(9)} ${direction} ${text}`));
  }

  fault(text: string, message?: SipMessage): void {
    const { faults } = this.record;
    this.note('', '×', text);
    const shown =
      message !== undefined && faults.length < SHOWN
        ? `\n${serialize(message).toString('latin1').trimEnd()}`
        : '';
    faults.push(text + shown);
    this.#onFault();
  }

  /** A message was sent again. @param count how often this one has been by now */
  retransmitted(count: number): void {
    const { record } = this;
    record.retransmissions++;
    record.worstRetransmission = Math.max(record.worstRetransmission, count);
  }

  /** An end sends a request in the dialog. */
  asked(method: string): void {
    this.#asked.add(method);
  }

  /** Whether some end has sent such a request, so that it may be under way still. */
  wasAsked(method: string): boolean {
    return this.#asked.has(method);
  }

  inCallAnswered(): void {
    this.record.inCallAnswered++;
    this.record.aliveMs = Date.now();
  }
}

/** The same text by itself: parts of a message would keep all of it in memory, and a load keeps every call to the end. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function describe(message: SipMessage): string {
  const start =
    message.kind === 'request' ? message.method : `${String(message.status)} ${message.reason}`;
  try {
    const { number, method } = cseq(message);
    const branch = topVia(message).branch?.slice(7, 27) ?? '';
    return `${start} (${String(number)} ${method}) ${branch} to-tag ${to(message).tag ?? '-'}`;
  } catch {
    return start;
  }
}
