import { parseAddress, parseNetwork } from '@tandem/config';
import type { Network } from '@tandem/config';
import { bareNumber } from '@tandem/domain';
import type { PassedMessage } from '@tandem/events';
import { callIdIn, fromTagIn, headOf, usersIn } from './message-heads.ts';

/** So many dialogs are followed; of more, those that began first are forgotten. */
const MOST_FOLLOWED = 10_000;

/**
 * Whether a message belongs to a trace (OPS-03): its peer has one of the addresses, it names one of the users, or it is of a dialog
 * that something before did. The other leg of a call is known by the caller's tag, which both have.
 */
export class TraceFilter {
  readonly #networks: readonly Network[];
  readonly #users: ReadonlySet<string>;
  readonly #followed = new Set<string>();

  /** @param asked what is neither address nor block is left out */
  constructor(asked: { readonly addresses: readonly string[]; readonly users: readonly string[] }) {
    this.#networks = asked.addresses.flatMap((text) => {
      const network = parseNetwork(text);
      return typeof network === 'string' ? [] : [network];
    });
    this.#users = new Set(asked.users.map(bareNumber));
  }

  takes(message: PassedMessage): boolean {
    const head = headOf(message.bytes);
    const marks = [`c${callIdIn(head)}`, `t${fromTagIn(head)}`].filter((mark) => mark.length > 1);
    const isMeant =
      marks.some((mark) => this.#followed.has(mark)) ||
      this.#isPeer(message.remote.address) ||
      this.#names(head);
    if (isMeant) for (const mark of marks) this.#follow(mark);
    return isMeant;
  }

  #isPeer(text: string): boolean {
    if (this.#networks.length === 0) return false;
    const address = parseAddress(text);
    if (address === undefined) return false;
    const { value, version } = address;
    return this.#networks.some(
      (network) => network.version === version && value >= network.first && value <= network.last,
    );
  }

  #names(head: string): boolean {
    if (this.#users.size === 0) return false;
    for (const user of usersIn(head)) if (this.#users.has(user)) return true;
    return false;
  }

  #follow(mark: string): void {
    if (this.#followed.has(mark)) return;
    if (this.#followed.size >= MOST_FOLLOWED) {
      for (const first of this.#followed) {
        this.#followed.delete(first);
        break;
      }
    }
    this.#followed.add(mark);
  }
}
