import { bencodeText, decodeBencode } from './bencode.ts';
import type { Bencodable } from './bencode.ts';

/** A command of the NG protocol: `command` says which, the other keys are as rtpengine names them. */
export interface NgCommand {
  readonly command: string;
  readonly [key: string]: Bencodable | undefined;
}

export type NgReply = Readonly<Record<string, Bencodable>>;

/** What came of a command. */
export type NgOutcome =
  | { readonly kind: 'ok'; readonly reply: NgReply }
  /** The relay said no; `reason` is its own words. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing came, whatever was repeated. */
  | { readonly kind: 'silent' };

/** Timers; never fires after `stop`. */
export interface NgClock {
  now(): number;
  start(ms: number, fire: () => void): object;
  stop(timer: object): void;
}

/** Puts a datagram on its way. Never throws: what is lost shows as silence. */
export interface NgWire {
  send(bytes: Buffer, to: { readonly host: string; readonly port: number }): void;
}

/** When a command that has no reply is sent again, and when it is given up; ms after it was sent first. */
export interface NgPatience {
  readonly repeatMs: readonly number[];
  readonly giveUpMs: number;
}

/** A relay answers within a millisecond or two: the first repetition is for a lost datagram. */
const patience: NgPatience = { repeatMs: [60, 180, 360], giveUpMs: 600 };

type Settle = (outcome: NgOutcome) => void;

/**
 * Asks relays over one socket. Each command has a cookie of its own, and its repetitions the same one: a relay keeps what it
 * has answered for a minute by the cookie alone, so the prefix must be another for each process, and for each start of it.
 */
export class NgClient {
  readonly #wire: NgWire;
  readonly #clock: NgClock;
  readonly #prefix: string;
  readonly #pending = new Map<string, Settle>();
  #count = 0;

  /** @param parts.prefix random text without spaces */
  constructor(parts: { readonly wire: NgWire; readonly clock: NgClock; readonly prefix: string }) {
    this.#wire = parts.wire;
    this.#clock = parts.clock;
    this.#prefix = parts.prefix;
  }

  /** Never rejects. */
  ask(
    to: { readonly host: string; readonly port: number },
    command: NgCommand,
    { repeatMs, giveUpMs }: NgPatience = patience,
  ): Promise<NgOutcome> {
    const cookie = `${this.#prefix}${(this.#count++).toString(36)}`;
    const bytes = Buffer.from(`${cookie} ${bencodeText(command)}`, 'latin1');
    return new Promise((resolve) => {
      // One timer at a time: nearly all commands are answered before the first of them fires.
      const moments = [...repeatMs.filter((ms) => ms < giveUpMs), giveUpMs];
      let next = 0;
      let timer: object;
      const settle: Settle = (outcome) => {
        this.#pending.delete(cookie);
        this.#clock.stop(timer);
        resolve(outcome);
      };
      const wait = (): object =>
        this.#clock.start((moments[next] ?? 0) - (moments[next - 1] ?? 0), () => {
          next += 1;
          if (next === moments.length) {
            settle({ kind: 'silent' });
            return;
          }
          this.#wire.send(bytes, to);
          timer = wait();
        });
      timer = wait();
      this.#pending.set(cookie, settle);
      this.#wire.send(bytes, to);
    });
  }

  /** A datagram that has come in; what is no reply to a command under way is dropped. @returns whether it was one */
  receive(bytes: Buffer): boolean {
    const space = bytes.indexOf(0x20);
    const settle = space < 0 ? undefined : this.#pending.get(bytes.toString('latin1', 0, space));
    if (settle === undefined) return false;
    settle(outcomeOf(bytes, space + 1));
    return true;
  }

  /** Whoever waits gets silence. */
  close(): void {
    for (const settle of [...this.#pending.values()]) settle({ kind: 'silent' });
  }
}

function outcomeOf(bytes: Buffer, offset: number): NgOutcome {
  let reply: Bencodable;
  try {
    reply = decodeBencode(bytes, offset);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { kind: 'refused', reason: `a reply that cannot be read: ${error.message}` };
  }
  if (!isDictionary(reply)) return { kind: 'refused', reason: 'a reply that is no dictionary' };
  const { result } = reply;
  if (result === 'ok' || result === 'pong') return { kind: 'ok', reply };
  const reason = reply['error-reason'] ?? reply['warning'] ?? result;
  return { kind: 'refused', reason: typeof reason === 'string' ? reason : 'no reason given' };
}

/** Whether a value of a reply is a dictionary. */
export function isDictionary(value: Bencodable | undefined): value is NgReply {
  return typeof value === 'object' && !Array.isArray(value);
}
