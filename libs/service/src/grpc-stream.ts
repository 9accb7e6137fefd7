import { connect as connectHttp2 } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from 'node:http2';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { status } from '@grpc/grpc-js';
import type { GrpcClientSettings } from './grpc-client.ts';
import { MessageReader, framed } from './grpc-frames.ts';
import { PeerChoice } from './grpc-peers.ts';
import type { Peer } from './grpc-peers.ts';
import type { GrpcTls } from './grpc-tls.ts';

/** How a stream ended: a status of gRPC, OK where the other side ended it. */
export interface StreamEnd {
  readonly code: number;
  readonly details: string;
}

/** What is told of a stream. */
export interface StreamListener<Received> {
  /** The other side has answered that it is there. */
  readonly onHeard: () => void;
  readonly onMessage: (message: Received) => void;
  /** Told once, and nothing after it; not after `cancel`. */
  readonly onEnd: (end: StreamEnd) => void;
}

/** A bidirectional stream of messages. */
export interface MessageStream<Sent> {
  /** Sends a message, as soon as there is a connection. */
  send(message: Sent): void;
  /**
   * Asks for a sign of life, and tells when there was one; at once while a connection is being opened, which has a limit of its
   * own.
   */
  ping(onAnswer: () => void): void;
  /** Sends nothing more; what the other side still has to say is received. */
  finish(): void;
  /** Ends the stream at once. */
  cancel(): void;
}

/** Opens a stream. */
export type OpenStream<Sent, Received> = (
  listener: StreamListener<Received>,
) => MessageStream<Sent>;

/** A method of a generated definition: `AuthServiceService.authenticateStream`. */
interface StreamMethod<Sent, Received> {
  readonly path: string;
  readonly requestSerialize: (message: Sent) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Received;
}

/**
 * Opens streams of a method, each over a connection of its own to the next of the peers that answers. It speaks gRPC over
 * Node's HTTP/2 by itself: a general client passes each message through some eight layers (retries, interceptors,
 * compression), which cost more than the message.
 * @param address `host:port`, or several with commas; a name may stand for several peers
 */
export function grpcStreams<Sent, Received>(
  method: StreamMethod<Sent, Received>,
  address: string,
  { tls }: GrpcClientSettings = {},
): OpenStream<Sent, Received> {
  const peers = new PeerChoice(address);
  return (listener) => new GrpcStream({ method, peers, tls, listener });
}

const HTTP_OK = 200;
const CONNECT_LIMIT_MS = 1000;
/** Where a peer has not answered after this time, the next one is tried beside it. */
const PATIENCE_MS = 250;

interface StreamParts<Sent, Received> {
  readonly method: StreamMethod<Sent, Received>;
  readonly peers: PeerChoice;
  readonly tls: GrpcTls | undefined;
  readonly listener: StreamListener<Received>;
}

class GrpcStream<Sent, Received> implements MessageStream<Sent> {
  readonly #parts: StreamParts<Sent, Received>;
  readonly #reader = new MessageReader();
  /** Until there is a connection. */
  #waiting: Buffer[] = [];
  #session: ClientHttp2Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  /** What the other side said last; told when all before it has been read. */
  #end: StreamEnd | undefined;
  #isRead = false;
  #isFinished = false;
  #isOver = false;

  constructor(parts: StreamParts<Sent, Received>) {
    this.#parts = parts;
    void this.#connect();
  }

  send(message: Sent): void {
    const frame = framed(this.#parts.method.requestSerialize(message));
    if (this.#stream === undefined) this.#waiting.push(frame);
    else this.#stream.write(frame);
  }

  ping(onAnswer: () => void): void {
    if (this.#session === undefined) onAnswer();
    else if (!this.#session.destroyed) {
      this.#session.ping((error) => {
        if (error === null) onAnswer();
      });
    }
  }

  finish(): void {
    this.#isFinished = true;
    this.#stream?.end();
  }

  cancel(): void {
    this.#isOver = true;
    this.#leave();
  }

  /** Never rejects: that no peer answers is told as the end of the stream. */
  async #connect(): Promise<void> {
    const { peers, tls } = this.#parts;
    try {
      const session = await firstSession(await peers.next(), tls);
      this.#begin(session);
    } catch (error) {
      this.#over(unavailable(error instanceof Error ? error.message : String(error)));
    }
  }

  #begin(session: ClientHttp2Session): void {
    this.#session = session;
    if (this.#isOver) {
      this.#leave();
      return;
    }
    const stream = session.request({
      ':method': 'POST',
      ':path': this.#parts.method.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let problem = 'the connection broke';
    stream.on('response', (headers) => {
      if (!this.#takeStatus(headers)) this.#parts.listener.onHeard();
    });
    stream.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    stream.on('trailers', (headers: IncomingHttpHeaders) => {
      this.#takeStatus(headers);
    });
    stream.on('end', () => {
      this.#isRead = true;
      if (this.#end !== undefined) this.#over(this.#end);
    });
    stream.on('error', (error: Error) => {
      problem = error.message;
    });
    stream.on('close', () => {
      this.#over(this.#end ?? unavailable(problem));
    });
    for (const frame of this.#waiting) stream.write(frame);
    this.#waiting = [];
    if (this.#isFinished) stream.end();
    this.#stream = stream;
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      for (const bytes of this.#reader.read(chunk)) {
        this.#parts.listener.onMessage(this.#parts.method.responseDeserialize(bytes));
      }
    } catch (error) {
      const details = error instanceof Error ? error.message : String(error);
      this.#over({ code: status.INTERNAL, details });
    }
  }

  /** @returns whether the headers, or trailers, end the stream */
  #takeStatus(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): boolean {
    const code = headers['grpc-status'];
    if (code === undefined && headers[':status'] === HTTP_OK) return false;
    const details = unescaped(String(headers['grpc-message'] ?? ''));
    this.#end =
      code === undefined ? unavailable('no gRPC server answers') : { code: Number(code), details };
    if (this.#isRead) this.#over(this.#end);
    return true;
  }

  #over(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#parts.listener.onEnd(end);
  }

  #leave(): void {
    this.#waiting = [];
    this.#session?.destroy();
  }
}

/** Texts of a status are percent-encoded. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unavailable(details: string): StreamEnd {
  return { code: status.UNAVAILABLE, details };
}

/**
 * A session with the first of the peers that speaks. One that is silent holds up those behind it for `PATIENCE_MS`, one that
 * refuses not at all.
 */
function firstSession(
  peers: readonly Peer[],
  tls: GrpcTls | undefined,
): Promise<ClientHttp2Session> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientHttp2Session>();
  if (peers.length === 0) reject(new Error('its name is not known'));
  let timer: NodeJS.Timeout | undefined;
  let tried = 0;
  let failed = 0;
  let isFound = false;
  const tryNext = (): void => {
    clearTimeout(timer);
    const peer = peers[tried++];
    if (isFound || peer === undefined) return;
    timer = setTimeout(tryNext, PATIENCE_MS).unref();
    openSession(peer, tls).then(
      (session) => {
        clearTimeout(timer);
        if (isFound) session.destroy();
        isFound = true;
        resolve(session);
      },
      (error: unknown) => {
        if (++failed === peers.length) reject(error);
        else tryNext();
      },
    );
  };
  tryNext();
  return promise;
}

/** It is open once the peer has said its settings: a connection alone can be one to a machine whose process is frozen. */
function openSession(peer: Peer, tls: GrpcTls | undefined): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const scheme = tls === undefined ? 'http' : 'https';
    const session = connectHttp2(`${scheme}://${peer.authority}`, {
      createConnection: () => openSocket(peer, tls),
      settings: { enablePush: false },
    });
    const limit = setTimeout(() => {
      session.destroy(new Error(`${peer.authority} does not answer`));
    }, CONNECT_LIMIT_MS);
    // Once it is open its streams tell the same.
    session.on('error', reject);
    session.once('close', () => {
      clearTimeout(limit);
      reject(new Error(`${peer.authority} closed the connection`));
    });
    session.once('remoteSettings', () => {
      clearTimeout(limit);
      resolve(session);
    });
  });
}

function openSocket({ host, port, name }: Peer, tls: GrpcTls | undefined) {
  if (tls === undefined) return connectTcp({ host, port, noDelay: true });
  const { ca, certificate, key } = tls.current();
  const servername = isIP(name) === 0 ? { servername: name } : {};
  const socket = connectTls({
    host,
    port,
    ca,
    cert: certificate,
    key,
    ALPNProtocols: ['h2'],
    ...servername,
  });
  return socket.setNoDelay(true);
}
