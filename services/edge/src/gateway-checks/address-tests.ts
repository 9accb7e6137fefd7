import type { AddressTest, TestAddressesRequest } from '@tandem/proto/edge';
import type { CheckedAddress, CheckOutcome } from '@tandem/proto/health';
import type { Clock } from '../ports.ts';
import type { OptionsRequests } from './options-requests.ts';

/** What the network says of an address that nobody answers from; '' where it says nothing. Never rejects. */
export type NetworkLook = (
  address: Pick<CheckedAddress, 'address' | 'certificate' | 'transport'>,
) => Promise<string>;

interface AddressTestsParts {
  readonly options: Pick<OptionsRequests, 'send'>;
  readonly look: NetworkLook;
  readonly clock: Clock;
}

/** From one OPTIONS to the next, so that a queue on the way does not lose them all at once. */
const APART_MS = 100;
const MOST_PROBES = 20;
const MOST_TIMEOUT_MS = 2000;

/** Tests what the network does between this pod and the addresses of a gateway (OPS-04): round trips, loss, who answers. */
export class AddressTests {
  readonly #parts: AddressTestsParts;

  constructor(parts: AddressTestsParts) {
    this.#parts = parts;
  }

  run({ addresses, probes, timeoutMs }: TestAddressesRequest): Promise<AddressTest[]> {
    const times = Math.min(Math.max(probes, 1), MOST_PROBES);
    const limitMs = Math.min(Math.max(timeoutMs, 1), MOST_TIMEOUT_MS);
    return Promise.all(addresses.map((address) => this.#test(address, times, limitMs)));
  }

  async #test(address: CheckedAddress, times: number, timeoutMs: number): Promise<AddressTest> {
    const asked = Array.from({ length: times }, (_, at) => this.#ask(address, timeoutMs, at));
    const outcomes = await Promise.all(asked);
    const isAnswered = outcomes.some(({ code }) => code > 0);
    const wasSent = outcomes.some(({ times: sent }) => sent > 0);
    const network = isAnswered || !wasSent ? '' : await this.#parts.look(address);
    return { transport: address.transport, address: address.address, outcomes, network };
  }

  #ask(address: CheckedAddress, timeoutMs: number, at: number): Promise<CheckOutcome> {
    const { clock, options } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<CheckOutcome>();
    clock.start(at * APART_MS, () => {
      options.send({ address, timeoutMs, isSentOnce: true, onDone: resolve });
    });
    return promise;
  }
}
