import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import packet from 'dns-packet';
import type { Answer, Packet } from 'dns-packet';

/** How a server answers all that it is asked. */
type Mood = 'well' | 'silent' | 'failing' | 'truncating';

const TRIES = 20;
const AUTHORITATIVE_NAME_ERROR = 3;
const SERVER_FAILURE = 2;

/** A name server of a test's own, on loopback, over UDP and TCP. */
export class TestNameServer {
  readonly port: number;
  /** What it knows. A test changes it while it runs. */
  records: readonly Answer[];
  mood: Mood = 'well';
  /** TTL and minimum of the SOA in negative answers. */
  negativeTtl = 60;
  /** Questions as `SRV _sip._udp.example udp`. */
  readonly asked: string[] = [];
  readonly #udp: Socket;
  readonly #tcp: Server;

  private constructor(udp: Socket, tcp: Server, records: readonly Answer[]) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = udp.address().port;
    this.records = records;
    udp.on('message', (bytes, from) => {
      const answer = this.#answer(bytes, 'udp');
      if (answer !== undefined) udp.send(answer, from.port, from.address);
    });
    tcp.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const answer = this.#answer(bytes.subarray(2), 'tcp');
        if (answer === undefined) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        // In pieces, as a stream may come.
        socket.write(Buffer.concat([length, answer.subarray(0, 5)]), () => {
          socket.end(answer.subarray(5));
        });
      });
    });
  }

  static async start(records: readonly Answer[]): Promise<TestNameServer> {
    for (let tries = 1; ; tries++) {
      const udp = createSocket('udp4');
      udp.bind(0, '127.0.0.1');
      await once(udp, 'listening');
      const tcp = createServer();
      tcp.listen(udp.address().port, '127.0.0.1');
      try {
        await once(tcp, 'listening');
        return new TestNameServer(udp, tcp, records);
      } catch (error) {
        udp.close();
        if (tries === TRIES) throw error;
      }
    }
  }

  get place(): { readonly address: string; readonly port: number } {
    return { address: '127.0.0.1', port: this.port };
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #answer(bytes: Buffer, over: 'udp' | 'tcp'): Buffer | undefined {
    const { id, questions = [] } = packet.decode(bytes);
    const [question] = questions;
    if (question === undefined) return undefined;
    const { name, type } = question;
    this.asked.push(`${type} ${name} ${over}`);
    if (this.mood === 'silent') return undefined;
    const response: Packet = { type: 'response', questions, ...(id === undefined ? {} : { id }) };
    if (this.mood === 'failing') return packet.encode({ ...response, flags: SERVER_FAILURE });
    if (this.mood === 'truncating' && over === 'udp') {
      return packet.encode({ ...response, flags: packet.TRUNCATED_RESPONSE });
    }
    const answers = this.#found(name, type);
    if (answers.length > 0) return packet.encode({ ...response, answers });
    const isKnown = this.records.some((each) => each.name === name);
    return packet.encode({
      ...response,
      flags: isKnown ? 0 : AUTHORITATIVE_NAME_ERROR,
      authorities: [
        {
          type: 'SOA',
          name: 'example',
          ttl: this.negativeTtl,
          data: {
            mname: 'ns.example',
            rname: 'host.example',
            serial: 1,
            refresh: 3600,
            retry: 600,
            expire: 86_400,
            minimum: this.negativeTtl,
          },
        },
      ],
    });
  }

  #found(name: string, type: string): Answer[] {
    // RFC 4343: names are the same in any case.
    const own = this.records.filter((each) => each.name === name.toLowerCase());
    const alias = own.find((each) => each.type === 'CNAME');
    if (alias !== undefined && 'data' in alias && typeof alias.data === 'string') {
      return [alias, ...this.#found(alias.data, type)];
    }
    return own.filter((each) => each.type === type);
  }
}

export function aRecord(name: string, data: string, ttl = 60): Answer {
  return { type: 'A', name, data, ttl };
}

export function aaaaRecord(name: string, data: string, ttl = 60): Answer {
  return { type: 'AAAA', name, data, ttl };
}

export function srvRecord(
  name: string,
  target: string,
  data: { readonly port?: number; readonly priority?: number; readonly weight?: number } = {},
  ttl = 60,
): Answer {
  const { port = 5060, priority = 10, weight = 0 } = data;
  return { type: 'SRV', name, ttl, data: { target, port, priority, weight } };
}

export function naptrRecord(
  name: string,
  services: string,
  replacement: string,
  order = 10,
): Answer {
  const data = { order, preference: 10, flags: 's', services, regexp: '', replacement };
  return { type: 'NAPTR', name, ttl: 300, data };
}
