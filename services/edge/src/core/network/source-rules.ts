import { parameters } from '@tandem/config';
import type { SipRequest } from '@tandem/sip';
import type { AuthClient, Clock } from '../../ports.ts';
import { Scanners } from '../messages/scanners.ts';
import { BlockedSources } from './blocked-sources.ts';
import type { PeerAddress } from './peer-address.ts';

const DEFAULT_ENTRIES = parameters.SS_JOURNAL_STRANGER_ENTRIES.default;

/** Whoever is told how many entries of strangers stand by themselves: the journal (OPS-10). */
interface Bounded {
  limit?(entries: number): void;
}

/** What nobody is to hear an answer to (AUTH-08), as auth has it. */
export class SourceRules {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #blocked = new BlockedSources();
  readonly #scanners = new Scanners();

  readonly #journal: Bounded | undefined;
  #entries: number = DEFAULT_ENTRIES;

  constructor(clock: Pick<Clock, 'now'>, journal?: Bounded) {
    this.#clock = clock;
    this.#journal = journal;
  }

  /** Auth as everybody asks it: its answers say what is to be dropped. */
  heard(auth: AuthClient): AuthClient {
    return {
      authenticate: (request, onAccepting) =>
        auth.authenticate(request, onAccepting).then((reply) => {
          this.#scanners.use(reply.scanners?.names);
          this.#limit(reply.journalEntries ?? DEFAULT_ENTRIES);
          this.#blocked.heard(request.sourceAddress, reply.blockedForMs, this.#clock.now());
          return reply;
        }),
    };
  }

  #limit(entries: number): void {
    if (entries === this.#entries) return;
    this.#entries = entries;
    this.#journal?.limit?.(entries);
  }

  /** Whether a message is to be dropped before it is parsed. */
  dropsUnread(bytes: Buffer, { address }: PeerAddress): boolean {
    return this.#blocked.drops(bytes, address, this.#clock.now());
  }

  /** Whether a request out of a dialog is to be dropped. */
  drops(request: SipRequest): boolean {
    return this.#scanners.drop(request);
  }
}
