import { aRecord, OwnRtpengine, srvRecord, TestNameServer } from '@tandem/testing';
import { anchoredTrunk, carriersName } from '../load/configured-load.ts';

const RELAYS = 2;
const TTL_SECONDS = 3600;
const CARRIER_ADDRESS = '127.0.0.1';

/** What special calls need besides the switch and its peers: media relays, and a name server that knows the carriers. */
export class Surroundings {
  readonly #relays: readonly OwnRtpengine[];
  readonly #names: TestNameServer;

  private constructor(relays: readonly OwnRtpengine[], names: TestNameServer) {
    this.#relays = relays;
    this.#names = names;
  }

  static async start(): Promise<Surroundings> {
    const interfaces = [anchoredTrunk.relayAddress];
    const relays: OwnRtpengine[] = [];
    // One after the other: each has a range of ports of its own.
    while (relays.length < RELAYS) relays.push(await OwnRtpengine.start({ interfaces }));
    return new Surroundings(relays, await TestNameServer.start([]));
  }

  /** What the processes of the switch have to know of it. */
  get env(): Readonly<Record<string, string>> {
    return {
      TANDEM_RTPENGINES: this.#relays.map(({ port }) => `udp:127.0.0.1:${String(port)}`).join(','),
      TANDEM_DNS_SERVERS: `127.0.0.1:${String(this.#names.port)}`,
    };
  }

  /** The name of the carriers stands for these ports, in this order. */
  nameCarriers(ports: readonly number[]): void {
    this.#names.records = ports.flatMap((port, at) => {
      const target = `sip-${String(at + 1)}.${carriersName}`;
      const priority = at + 1;
      return [
        srvRecord(`_sip._udp.${carriersName}`, target, { port, priority }, TTL_SECONDS),
        aRecord(target, CARRIER_ADDRESS, TTL_SECONDS),
      ];
    });
  }

  /** One of the relays dies, and is back, empty, after so long. */
  async loseRelay(awayMs: number): Promise<void> {
    const [relay] = this.#relays;
    await relay?.kill();
    await new Promise((resolve) => {
      setTimeout(resolve, awayMs);
    });
    await relay?.start();
  }

  /** Names of the calls that relays have. */
  async callsAtRelays(): Promise<readonly string[]> {
    return (await Promise.all(this.#relays.map((relay) => relay.callIds()))).flat();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#relays.map((relay) => relay.kill()), this.#names.close()]);
  }
}
