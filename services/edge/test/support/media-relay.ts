import type { SipMessage } from '@tandem/sip';
import type { ScriptedPeer } from '@tandem/testing';
import type { AnchoredBody, BodyStep, Clock, PassingBody } from '../../src/ports.ts';

/** Where media is anchored, as the tests tell. */
export const RELAY = '198.51.100.9';

/**
 * A body step as one that anchors media is: it takes a while, and puts an address of its own into each session description,
 * with another port each time that it is asked.
 */
export class MediaRelay implements BodyStep {
  readonly asked: PassingBody[] = [];
  /** How long the next answers take, ms. */
  readonly delays: number[] = [];
  /** How many of the next questions fail. */
  failures = 0;
  readonly #clock: Pick<Clock, 'start'>;

  readonly #usualMs: number;

  constructor(clock: Pick<Clock, 'start'>, usualMs = 5) {
    this.#clock = clock;
    this.#usualMs = usualMs;
  }

  pass(passing: PassingBody): Promise<AnchoredBody> {
    this.asked.push(passing);
    const port = 50_000 + 2 * this.asked.length;
    const ms = this.delays.shift() ?? this.#usualMs;
    const isFailing = this.failures > 0;
    if (isFailing) this.failures -= 1;
    return new Promise((resolve, reject) => {
      this.#clock.start(ms, () => {
        if (isFailing) reject(new Error('no port is free'));
        else {
          const own = anchored(passing.bytes.toString('latin1'), port);
          resolve({ bytes: Buffer.from(own, 'latin1'), relay: 0 });
        }
      });
    });
  }
}

function anchored(sdp: string, port: number): string {
  return sdp
    .replace(/^c=IN IP4 \S+/m, `c=IN IP4 ${RELAY}`)
    .replace(/^m=audio \d+/m, `m=audio ${String(port)}`);
}

/** What a peer has got, in order: method or status, and whether there was a session description: `as sent`, or `anchored`. */
export function receivedBy(peer: ScriptedPeer): string[] {
  return peer.transcript.lines.flatMap(({ direction, message }) =>
    direction === 'received' ? [`${nameOf(message)}${mediaOf(message)}`] : [],
  );
}

function nameOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : String(message.status);
}

function mediaOf({ body }: SipMessage): string {
  if (!body.includes('m=audio')) return '';
  return body.includes(RELAY) ? ' anchored' : ' as sent';
}
