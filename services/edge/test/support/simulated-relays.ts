import { RelayPool, relayId } from '@tandem/rtpengine';
import type { NgClock, NgCommand, NgOutcome, NgReply } from '@tandem/rtpengine';
import { MediaPlan } from '@tandem/proto/media';
import { silentLogger } from '@tandem/service';
import type { SipMessage } from '@tandem/sip';
import { RtpengineMedia } from '../../src/adapters/rtpengine-media.ts';

/** Where the relays of the tests are: control socket and media alike. */
export const RELAYS = ['198.51.100.1', '198.51.100.2'] as const;

/** A word of a command; '' where it has none. */
export function wordOf(command: NgCommand | undefined, key: string): string {
  const value = command?.[key];
  return typeof value === 'string' ? value : '';
}

/** Who has which id. */
export function idOf(host: string): number {
  return relayId({ host, port: 2223 });
}

/** Relays that keep calls as rtpengine does, as far as its commands show. */
export class SimulatedRelays {
  readonly media: RtpengineMedia;
  readonly pool: RelayPool;
  /** Hosts that answer nothing. */
  readonly dead = new Set<string>();
  /** Hosts that have no port left for a new call. */
  readonly full = new Set<string>();
  /** Hosts that have no IPv6 address, and say nothing of that. */
  readonly plain = new Set<string>();
  /** Everything that was asked of one that lives, pings aside. */
  readonly asked: { readonly host: string; readonly command: NgCommand }[] = [];
  readonly #calls = new Map<string, Set<string>>();
  /** The callee's tag of the last answer in a call. */
  readonly #tags = new Map<string, string>();

  readonly #clock: NgClock;
  readonly #hosts: readonly string[];

  constructor(clock: NgClock, hosts: readonly string[] = RELAYS) {
    this.#clock = clock;
    this.#hosts = hosts;
    this.pool = this.#newPool();
    this.media = new RtpengineMedia(this.pool, silentLogger());
  }

  /** The relays as a process has them that has just begun: it knows of none that has been away. */
  mediaOfNewProcess(): RtpengineMedia {
    return new RtpengineMedia(this.#newPool(), silentLogger());
  }

  /** Ids of the calls that a relay has. */
  calls(host: string): string[] {
    return [...this.#of(host)];
  }

  /** What was asked, as `host command`. */
  get commands(): string[] {
    return this.asked.map(({ host, command }) => `${host} ${command.command}`);
  }

  /** It dies and is started again: it knows nothing. */
  restart(host: string): void {
    this.#of(host).clear();
    this.dead.delete(host);
  }

  #newPool(): RelayPool {
    return new RelayPool({
      relays: this.#hosts.map((host) => ({ host, port: 2223 })),
      clock: this.#clock,
      client: {
        ask: ({ host }, command, patience) => this.#ask(host, command, patience?.giveUpMs ?? 600),
      },
    });
  }

  async #ask(host: string, command: NgCommand, giveUpMs: number): Promise<NgOutcome> {
    await new Promise<void>((resolve) => {
      this.#clock.start(this.dead.has(host) ? giveUpMs : 1, resolve);
    });
    if (this.dead.has(host)) return { kind: 'silent' };
    if (command.command === 'ping') return { kind: 'ok', reply: { result: 'pong' } };
    this.asked.push({ host, command });
    return this.#answer(host, command);
  }

  #answer(host: string, command: NgCommand): NgOutcome {
    const calls = this.#of(host);
    const id = wordOf(command, 'call-id');
    const sdp = wordOf(command, 'sdp');
    if (sdp !== '' && !/^c=/m.test(sdp)) {
      return { kind: 'refused', reason: 'Incomplete SDP specification' };
    }
    switch (command.command) {
      case 'offer':
        if (this.full.has(host) && !calls.has(id)) {
          return { kind: 'refused', reason: 'Ran out of ports' };
        }
        calls.add(id);
        return described(host, command, this.plain.has(host));
      case 'answer':
        if (!calls.has(id)) return { kind: 'refused', reason: 'Unknown call-id' };
        this.#tags.set(id, wordOf(command, 'to-tag'));
        return described(host, command, true);
      case 'query':
        return calls.has(id)
          ? { kind: 'ok', reply: counted(id, this.#tags.get(id) ?? '') }
          : { kind: 'refused', reason: 'Unknown call-id' };
      case 'delete':
        return this.#deleted(calls, command);
      case 'list':
        return { kind: 'ok', reply: { result: 'ok', calls: [...calls] } };
      default:
        return { kind: 'ok', reply: { result: 'ok' } };
    }
  }

  /** As rtpengine says it: of a tag alone with what it has counted. */
  #deleted(calls: Set<string>, command: NgCommand): NgOutcome {
    const id = wordOf(command, 'call-id');
    if (!calls.delete(id)) {
      return { kind: 'ok', reply: { result: 'ok', warning: 'Call-ID not found' } };
    }
    const hasTag = command['from-tag'] !== undefined;
    const reply = hasTag ? counted(id, this.#tags.get(id) ?? '') : { result: 'ok' };
    return { kind: 'ok', reply };
  }

  #of(host: string): Set<string> {
    const known = this.#calls.get(host);
    if (known !== undefined) return known;
    const calls = new Set<string>();
    this.#calls.set(host, calls);
    return calls;
  }
}

function described(host: string, command: NgCommand, isPlain: boolean): NgOutcome {
  const isV6 = command['address family'] === 'IP6' && !isPlain;
  const place = isV6 ? 'IP6 2001:db8::9' : `IP4 ${host}`;
  const sdp = wordOf(command, 'sdp')
    .replace(/^c=IN .*$/m, `c=IN ${place}`)
    .replace(/^o=(\S+ \d+ \d+) .*$/m, `o=$1 IN ${place}`);
  return { kind: 'ok', reply: { result: 'ok', sdp } };
}

function counted(id: string, tag: string): NgReply {
  const stream = (ssrc: number, packets: number) => ({
    streams: [
      {
        flags: ['RTP', 'confirmed'],
        SSRC: ssrc,
        stats: { packets, bytes: packets * 172, errors: 0 },
      },
    ],
    flags: ['initialized', 'send', 'recv'],
  });
  const quality = { 'cumulative loss': 2, 'average MOS': { MOS: 43, jitter: 4, 'packet loss': 1 }, 'lowest MOS': { MOS: 40 } }; // prettier-ignore
  return {
    result: 'ok',
    'call-id': id,
    tags: { a: { medias: [stream(11, 500)] }, [tag]: { medias: [stream(22, 480)] } },
    SSRC: { '11': quality },
    totals: { RTP: { packets: 980, bytes: 0, errors: 0 } },
  };
}

const plainSide = {
  srtp: '',
  ice: '',
  addressFamily: '',
  nat: 'symmetric',
  dtmf: 'pass',
  interface: '',
  codecsStripped: [],
  codecsOffered: [],
};

/** A plan that anchors media and asks for nothing else. */
export function anchoredPlan(settings: Partial<MediaPlan> = {}): MediaPlan {
  return {
    ...MediaPlan.fromPartial({
      isRequired: true,
      a: plainSide,
      b: plainSide,
      why: 'mode anchor of routing-gateway carrier-a',
    }),
    ...settings,
  };
}

/** A side of a plan. */
export function sideOf(settings: Partial<MediaPlan['a']>): NonNullable<MediaPlan['a']> {
  return { ...plainSide, ...settings };
}

/** The relay that a message has its media at; '' where it has none, or another address. */
export function relayIn({ body }: SipMessage): string {
  const [, host = ''] = /^c=IN IP[46] (\S+)/m.exec(body.toString('latin1')) ?? [];
  return host === '2001:db8::9' || RELAYS.some((each) => each === host) ? host : '';
}
