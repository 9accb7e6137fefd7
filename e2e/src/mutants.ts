import type { SipMessage } from '@tandem/sip';
import { serialize } from '@tandem/sip';
import { seededRandom } from '@tandem/testing';

/** What the grammar turns on. */
const PIECES = [
  ' ',
  '\t',
  '\r',
  '\r\n',
  '\r\n ',
  '\r\n\r\n',
  '\0',
  ':',
  ';',
  ',',
  '=',
  '@',
  '<',
  '>',
  '"',
  '\\',
  '%00',
  '%zz',
  '[',
  '::',
  '*',
  '-1',
  '\xff',
  '4294967296',
  'SIP/2.0',
  'sip:',
  'tel:',
  'v:',
  'Content-Length: 7\r\n',
  'Require: x\r\n',
  'Route: <sip:127.0.0.1;lr>\r\n',
  'CSeq: 1 ACK\r\n',
  '__proto__',
];
/** How many of a hundred are of a call of their own, where they can be. */
const FRESH_PERCENT = 40;
const MOST_CHANGES = 4;

/** Who sends a message, and the message. */
export interface Recorded<Sender> {
  readonly sender: Sender;
  readonly message: SipMessage;
}

/** Real messages with some of their bytes lost, doubled, replaced or put in another place; the same ones for the same seed. */
export class Mutants<Sender> {
  readonly #recorded: readonly { readonly sender: Sender; readonly text: string; readonly callId: string }[]; // prettier-ignore
  readonly #random: (limit: number) => number;
  #count = 0;

  constructor(recorded: readonly Recorded<Sender>[], seed: number) {
    this.#recorded = recorded.map(({ sender, message }) => ({
      sender,
      text: serialize(message).toString('latin1'),
      callId: message.headers.get('call-id') ?? '',
    }));
    const random = seededRandom(seed);
    this.#random = (limit) => Math.floor(random() * limit);
  }

  /** The next one. @param changed what else is changed of a message that begins a call of its own */
  next(changed: (text: string) => string): { readonly sender: Sender; readonly bytes: Buffer } {
    const { sender, text, callId } = this.#pick(this.#recorded);
    this.#count += 1;
    let mutant = text;
    if (this.#random(100) < FRESH_PERCENT) {
      const own = `m${String(this.#count)}m`;
      mutant = changed(text.replaceAll(callId, own).replace(/branch=z9hG4bK/, `$&${own}`));
    }
    for (let changes = 1 + this.#random(MOST_CHANGES); changes > 0; changes -= 1) {
      mutant = this.#change(mutant);
    }
    return { sender, bytes: Buffer.from(mutant, 'latin1') };
  }

  #change(text: string): string {
    const at = this.#random(text.length + 1);
    const until = at + this.#random(24);
    switch (this.#random(6)) {
      case 0:
        return text.slice(0, at) + text.slice(until);
      case 1:
        return text.slice(0, at) + this.#pick(PIECES) + text.slice(at);
      case 2:
        return text.slice(0, at) + this.#pick(PIECES) + text.slice(until);
      case 3:
        return text.slice(0, until) + text.slice(at);
      case 4:
        return text.slice(0, at) + String.fromCharCode(this.#random(256)) + text.slice(at + 1);
      default: {
        const lines = text.split('\r\n');
        const [from, to] = [this.#random(lines.length), this.#random(lines.length)];
        lines.splice(to, 0, ...lines.splice(from, 1));
        return lines.join('\r\n');
      }
    }
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#random(from.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }
}
