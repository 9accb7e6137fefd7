import type { Endpoint, SipMessage } from '@tandem/sip';

/** One message on the wire, retransmissions included. */
export interface TranscriptLine {
  readonly direction: 'sent' | 'received';
  readonly peer: Endpoint;
  readonly message: SipMessage;
}

/** What a peer has sent and received, for assertions and for the error of a wait that was in vain. */
export class Transcript {
  readonly #lines: TranscriptLine[] = [];

  get lines(): readonly TranscriptLine[] {
    return this.#lines;
  }

  add(line: TranscriptLine): void {
    this.#lines.push(line);
  }

  /** How often a message was seen: a method (`INVITE`) or a status (`180`). */
  count(direction: TranscriptLine['direction'], what: string | number): number {
    return this.#lines.filter(
      (line) => line.direction === direction && nameOf(line.message) === String(what),
    ).length;
  }

  /** The latest messages, one a line. */
  toString(): string {
    return this.#lines
      .slice(-40)
      .map(({ direction, peer, message }) => {
        const arrow = direction === 'sent' ? '→' : '←';
        const cseq = message.headers.get('cseq') ?? '';
        return `  ${arrow} ${peer.address}:${String(peer.port)} ${firstLine(message)} (${cseq})`;
      })
      .join('\n');
  }
}

function nameOf(message: SipMessage): string {
  return message.kind === 'request' ? message.method : String(message.status);
}

function firstLine(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.uri}`
    : `${String(message.status)} ${message.reason}`;
}
