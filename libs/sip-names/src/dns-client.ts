import { createSocket } from 'node:dgram';
import { isIPv6, connect } from 'node:net';
import { randomInt } from 'node:crypto';
import packet from 'dns-packet';
import type { Answer, DecodedPacket, NaptrData, SoaAnswer, SrvData } from 'dns-packet';

/** Where a name server is. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}

/** What is asked for, and what a record of it holds. */
interface RecordData {
  readonly A: string;
  readonly AAAA: string;
  readonly SRV: SrvData;
  readonly NAPTR: NaptrData;
}
export type RecordType = keyof RecordData;

/** The records of a name, none where it has none of the type. */
export interface RecordSet<Type extends RecordType> {
  readonly records: readonly RecordData[Type][];
  /** How long this holds: the least of the records, of a chain of CNAMEs, or the SOA's for none (RFC 2308 §5). */
  readonly ttlSeconds: number;
}

/** Asks name servers. Rejects where none answers. */
export type NameQuestion = <Type extends RecordType>(
  name: string,
  type: Type,
) => Promise<RecordSet<Type>>;

export interface DnsClientOptions {
  /** Asked in this order. */
  readonly servers: readonly NameServer[];
  /** How long one server may take for one datagram. @default 1000 */
  readonly timeoutMs?: number;
  /** How often all are asked. @default 2 */
  readonly rounds?: number;
}

/** What passes every network unfragmented. */
const UDP_PAYLOAD_BYTES = 1232;
const TCP_LENGTH_BYTES = 2;
const MOST_ALIASES = 8;
/** A negative answer without an SOA. */
const UNKNOWN_TTL_SECONDS = 30;

/** Asks recursive name servers over UDP, and over TCP what does not fit (RFC 7766); each question has a socket of its own. */
export class DnsClient {
  readonly #options: Required<DnsClientOptions>;
  readonly #closing = new AbortController();

  constructor({ timeoutMs = 1000, rounds = 2, servers }: DnsClientOptions) {
    this.#options = { timeoutMs, rounds, servers };
  }

  /** The records of a name. @throws Error that says what went wrong at each server */
  readonly ask: NameQuestion = async (name, type) => {
    const failures: string[] = [];
    for (let round = 0; round < this.#options.rounds; round++) {
      for (const server of this.#options.servers) {
        try {
          return recordsIn(await this.#askOne(name, type, server), name, type);
        } catch (error) {
          this.#closing.signal.throwIfAborted();
          failures.push(`${server.address}: ${messageOf(error)}`);
        }
      }
    }
    throw new Error(
      failures.length === 0 ? 'there is no name server' : [...new Set(failures)].join('; '),
    );
  };

  /** Gives up what is under way. */
  close(): void {
    this.#closing.abort(new Error('the client is closed'));
  }

  async #askOne(name: string, type: RecordType, server: NameServer): Promise<DecodedPacket> {
    const id = randomInt(0x1_0000);
    const question = packet.encode({
      type: 'query',
      id,
      flags: packet.RECURSION_DESIRED,
      questions: [{ name, type, class: 'IN' }],
      additionals: [
        {
          name: '.',
          type: 'OPT',
          udpPayloadSize: UDP_PAYLOAD_BYTES,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    });
    const signal = AbortSignal.any([
      this.#closing.signal,
      AbortSignal.timeout(this.#options.timeoutMs),
    ]);
    const isOurs = (answer: DecodedPacket): boolean => answersTo(answer, { id, name, type });
    const short = await byDatagram(question, { server, signal, isOurs });
    if (!short.flag_tc) return usable(short);
    return usable(await byConnection(question, { server, signal, isOurs }));
  }
}

interface Exchange {
  readonly server: NameServer;
  readonly signal: AbortSignal;
  readonly isOurs: (answer: DecodedPacket) => boolean;
}

/** From a port of its own, and connected: only this server is heard (RFC 5452 §9). */
async function byDatagram(
  question: Buffer,
  { server, signal, isOurs }: Exchange,
): Promise<DecodedPacket> {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  const { promise, resolve, reject } = Promise.withResolvers<DecodedPacket>();
  const giveUp = (): void => {
    reject(new Error('no answer in time'));
  };
  signal.addEventListener('abort', giveUp);
  try {
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      const answer = decoded(bytes);
      if (answer !== undefined && isOurs(answer)) resolve(answer);
    });
    socket.connect(server.port, server.address, () => {
      socket.send(question, (error) => {
        if (error !== null) reject(error);
      });
    });
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.close();
  }
}

async function byConnection(
  question: Buffer,
  { server, signal, isOurs }: Exchange,
): Promise<DecodedPacket> {
  const socket = connect({ host: server.address, port: server.port, signal });
  const { promise, resolve, reject } = Promise.withResolvers<DecodedPacket>();
  try {
    const length = Buffer.alloc(TCP_LENGTH_BYTES);
    length.writeUInt16BE(question.length);
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the connection was closed without an answer'));
    });
    socket.on('connect', () => socket.write(Buffer.concat([length, question])));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < TCP_LENGTH_BYTES) return;
      const end = TCP_LENGTH_BYTES + received.readUInt16BE();
      if (received.length < end) return;
      const answer = decoded(received.subarray(TCP_LENGTH_BYTES, end));
      if (answer !== undefined && isOurs(answer)) resolve(answer);
      else reject(new Error('an answer that cannot be read'));
    });
    return await promise;
  } finally {
    socket.destroy();
  }
}

function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return packet.decode(bytes);
  } catch {
    return undefined; // Whatever it is, it is no answer.
  }
}

function answersTo(
  { id, type: kind, questions = [] }: DecodedPacket,
  asked: { readonly id: number; readonly name: string; readonly type: RecordType },
): boolean {
  const [question] = questions;
  return (
    kind === 'response' &&
    id === asked.id &&
    question?.type === asked.type &&
    isSameName(question.name, asked.name)
  );
}

/** NXDOMAIN is an answer; all else that is not NOERROR says nothing of the name. */
function usable(answer: DecodedPacket): DecodedPacket {
  const { rcode } = answer as { readonly rcode?: string };
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') throw new Error(`it says ${String(rcode)}`);
  return answer;
}

function recordsIn<Type extends RecordType>(
  answer: DecodedPacket,
  name: string,
  type: Type,
): RecordSet<Type> {
  const answers = answer.answers ?? [];
  let owner = name;
  let ttlSeconds = Infinity;
  for (let aliases = 0; aliases < MOST_ALIASES; aliases++) {
    const found = answers.filter((each) => each.type === type && isSameName(each.name, owner));
    if (found.length > 0) {
      for (const each of found) ttlSeconds = Math.min(ttlSeconds, ttlOf(each));
      return { records: found.map((each) => dataOf(each) as RecordData[Type]), ttlSeconds };
    }
    const alias = answers.find((each) => each.type === 'CNAME' && isSameName(each.name, owner));
    if (alias === undefined) break;
    ttlSeconds = Math.min(ttlSeconds, ttlOf(alias));
    owner = String(dataOf(alias));
  }
  return { records: [], ttlSeconds: Math.min(ttlSeconds, negativeTtl(answer)) };
}

/** RFC 2308 §5: the lesser of the SOA's own TTL and its minimum. */
function negativeTtl({ authorities = [] }: DecodedPacket): number {
  const soa = authorities.find((each): each is SoaAnswer => each.type === 'SOA');
  if (soa === undefined) return UNKNOWN_TTL_SECONDS;
  return Math.min(soa.ttl ?? UNKNOWN_TTL_SECONDS, soa.data.minimum ?? UNKNOWN_TTL_SECONDS);
}

function ttlOf(answer: Answer): number {
  return 'ttl' in answer ? (answer.ttl ?? 0) : 0;
}

function dataOf(answer: Answer): unknown {
  return 'data' in answer ? answer.data : undefined;
}

function isSameName(one: string, other: string): boolean {
  return withoutDot(one).toLowerCase() === withoutDot(other).toLowerCase();
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
