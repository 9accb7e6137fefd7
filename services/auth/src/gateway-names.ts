import type { Steps } from '@tandem/domain';
import type { Logger } from '@tandem/service';
import { DnsClient, NameBook, lookUp, systemClock, systemNameServers } from '@tandem/sip-names';
import type { NameServer, NameSource, NameTarget } from '@tandem/sip-names';

/** What the names of routing gateways stand for (AUTH-08): looked up in the background, again before their records run out. */
export class GatewayNames {
  readonly #dns: DnsClient;
  readonly #book: NameBook;

  constructor(parts: {
    /** @default those of the system */
    readonly servers: readonly NameServer[] | undefined;
    readonly logger: Logger;
    /** Some name has another answer, perhaps. */
    readonly onLookedUp: () => void;
  }) {
    const { logger, onLookedUp, servers = systemNameServers() } = parts;
    this.#dns = new DnsClient({ servers });
    this.#book = new NameBook({
      lookUp: (target) => lookUp(this.#dns.ask, target),
      clock: systemClock,
      logger,
      onLookedUp,
    });
  }

  /** Has a version of the configuration made, and forgets all names but its own. */
  *using<T>(make: (names: NameSource) => Steps<T>): Steps<T> {
    const used: NameTarget[] = [];
    const made = yield* make({
      name: (target) => {
        used.push(target);
        return this.#book.name(target);
      },
    });
    this.#book.keep(used);
    return made;
  }

  close(): void {
    this.#book.close();
    this.#dns.close();
  }
}
