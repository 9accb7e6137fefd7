import type { NetworkFinding } from '@tandem/proto/edge';
import type { Logger } from '@tandem/service';
import { transportOf } from '@tandem/sip';
import type { TransportName } from '@tandem/sip';
import { judge, worst } from '../core/network/network-verdict.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import { servedTransports } from '../core/network/served-transports.ts';
import type {
  Clock,
  NetworkProber,
  NetworkView,
  Pod,
  ProbeTarget,
  SourceVerdict,
} from '../ports.ts';

/** While something is undecided it is tried again: a balancer may not send us anything before we are ready. */
const FIRST_REPEAT_MS = 2000;
const LAST_REPEAT_MS = 60_000;

/** What a test of the own network works with. */
export interface NetworkTestParts {
  /** The advertised address by each transport that is listened on. */
  readonly targets: readonly ProbeTarget[];
  readonly probe: NetworkProber;
  /** What the operator says of the source addresses (`TANDEM_SIP_SOURCE`), which is believed rather than the test. */
  readonly said?: 'preserved' | 'hidden' | undefined;
  /** Those that live: a front tells what it found of the peers that come by it. @default none */
  readonly pods?: (() => readonly Pod[]) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tests the network that the edge is in, at start and on demand (CALL-07): whether the advertised address leads here, and
 * whether the source address of clients is preserved on the way. What cannot be decided stops no call, but is said aloud.
 */
export class NetworkTest implements NetworkView {
  readonly #parts: NetworkTestParts;
  #findings: readonly NetworkFinding[] = [];
  #running: Promise<readonly NetworkFinding[]> | undefined;
  #timer: object | undefined;
  #repeatMs = FIRST_REPEAT_MS;
  #isClosed = false;
  readonly #logged = new Map<string, string>();

  constructor(parts: NetworkTestParts) {
    this.#parts = parts;
  }

  /** What the last test found, by listener. */
  get findings(): readonly NetworkFinding[] {
    return this.#findings;
  }

  /** What holds for calls: the operator's word, else the worst that was found. */
  get source(): SourceVerdict {
    return this.#parts.said ?? worst(this.#findings.map(({ source }) => verdictOf(source)));
  }

  /** For the other pods, which have calls of peers that were heard here. */
  get hiddenTransports(): readonly TransportName[] {
    return servedTransports.map(({ name }) => name).filter((name) => this.#isHidden(name));
  }

  isSourceHidden(peer: PeerAddress): boolean {
    const { said, pods } = this.#parts;
    if (said !== undefined) return said === 'hidden';
    const { flow } = peer;
    const { name } = transportOf(peer);
    if (this.#isHidden(name)) return true;
    if (flow === undefined || flow.gate === '') return false;
    const gate = pods?.().find(({ address }) => address === flow.gate);
    return gate?.figures?.hiddenTransports.includes(name) === true;
  }

  /** Tests now, and again while something is undecided. */
  start(): void {
    const { said, logger } = this.#parts;
    if (said === 'hidden') {
      logger.warn('IP authentication is refused: TANDEM_SIP_SOURCE says that sources are hidden');
    }
    // A test reports what goes wrong as a finding.
    void this.run().then(() => {
      this.#repeat();
    });
  }

  /** Tests now; who asks meanwhile gets the same answer. */
  run(): Promise<readonly NetworkFinding[]> {
    this.#running ??= this.#test().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#parts.clock.stop(this.#timer);
  }

  #isHidden(transport: TransportName): boolean {
    const { said } = this.#parts;
    if (said !== undefined) return said === 'hidden';
    return this.#findings.some((finding) => {
      return finding.transport === transport && finding.source === 'hidden';
    });
  }

  async #test(): Promise<readonly NetworkFinding[]> {
    const { targets, probe } = this.#parts;
    const found = await Promise.all(targets.map(probe));
    if (this.#isClosed) return this.#findings;
    this.#findings = found.map((series, index) => this.#keep(judge(series), index));
    for (const finding of this.#findings) this.#log(finding);
    return this.#findings;
  }

  /** That nothing came back does not undo what was seen before: an address that proved nothing still does not. */
  #keep(finding: NetworkFinding, index: number): NetworkFinding {
    const before = this.#findings[index];
    const isHiddenStill = before?.source === 'hidden' && finding.source === 'undecided';
    if (!isHiddenStill) return finding;
    return { ...finding, source: 'hidden', text: `${finding.text}; before: ${before.text}` };
  }

  #repeat(): void {
    if (this.#isClosed || this.#findings.every(isGood)) return;
    const ms = this.#repeatMs;
    this.#repeatMs = Math.min(ms * 2, LAST_REPEAT_MS);
    this.#timer = this.#parts.clock.start(ms, () => {
      void this.run().then(() => {
        this.#repeat();
      });
    });
  }

  /** Once for each new finding, as loud as it is bad. */
  #log(finding: NetworkFinding): void {
    const { transport, target, source, leadsHere, text, sentFrom, seenFrom } = finding;
    const key = `${transport} ${target}`;
    const state = `${source} ${leadsHere}`;
    if (this.#logged.get(key) === state) return;
    this.#logged.set(key, state);
    const { logger, said } = this.#parts;
    const fields = { transport, target, source, leadsHere, sentFrom, seenFrom, found: text, said };
    if (source === 'hidden' && said === 'preserved') {
      logger.warn(fields, 'TANDEM_SIP_SOURCE is believed, although the test saw hidden sources');
    } else if (source === 'hidden') {
      logger.error(
        fields,
        'the network hides where clients send from: IP authentication is refused',
      );
    } else if (leadsHere === 'no') {
      logger.error(fields, 'the advertised address does not lead here');
    } else if (isGood(finding)) {
      logger.info(fields, 'the network was tested');
    } else {
      logger.warn(fields, 'the test of the network could not decide, see docs/networking.md');
    }
  }
}

/** Nothing is left to find out; sources that are known to be hidden are looked at again, since a network can be mended. */
function isGood({ source, leadsHere }: NetworkFinding): boolean {
  return source === 'preserved' && leadsHere === 'yes';
}

function verdictOf(source: string): SourceVerdict {
  return source === 'preserved' || source === 'hidden' ? source : 'undecided';
}
