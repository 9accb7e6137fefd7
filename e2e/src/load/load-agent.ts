import {
  ackForFailure,
  cancelledTransactionKey,
  callId,
  clientKeyOf,
  clientTransactionKey,
  ClientTransaction,
  formatHostPort,
  responseAddress,
  responseTo,
  serialize,
  serverTransactionKey,
  ServerTransaction,
  SipParseError,
  systemTimers,
  timerValues,
  to,
  topVia,
  type Endpoint,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type TimerValues,
} from '@tandem/sip';
import type { Answered, LoadLeg } from './load-leg.ts';
import { newToken, textOf } from './message-parts.ts';
import {
  judgeDerived,
  judgeInitialInvite,
  judgeRepetition,
  judgeRequest,
} from './request-judge.ts';
import { judgeResponse } from './response-judge.ts';
import type { Connection, Wire, WireArrival, WireListener } from './wire.ts';

/** What an agent does with what is in no dialog. */
export interface AgentUser {
  /** An INVITE that begins a call, once. @returns the leg that takes it */
  onCall(served: Served): LoadLeg | undefined;
  /** A fault of a message that belongs to no call. */
  onStrayFault(text: string): void;
}

/** A request that waits for its final response. */
export interface Served {
  readonly request: SipRequest;
  readonly key: string;
  respond(response: SipResponse): void;
}

/** How an agent is set up. */
export interface AgentOptions {
  /** `phone`, `carrier-a`: for faults and the ladder. */
  readonly name: string;
  /** The switch. */
  readonly target: Endpoint;
  readonly user: AgentUser;
  /** Where media relays listen for media. */
  readonly relayAddress?: string | undefined;
  /** A name by which this agent may be called, besides its address. */
  readonly carriersName?: string | undefined;
}

interface Client {
  readonly transaction: ClientTransaction<SipResponse>;
  readonly request: SipRequest;
  readonly bytes: Buffer;
  readonly leg: LoadLeg;
  sent: number;
  toTag: string | undefined;
  finalStatus: number | undefined;
  connection: Connection | undefined;
  onRepeatedAnswer: (() => void) | undefined;
}

interface Server {
  readonly transaction: ServerTransaction<SipRequest>;
  readonly request: SipRequest;
  leg: LoadLeg | undefined;
  finalStatus: number | undefined;
  toTag: string | undefined;
  /** The response has not been sent yet. */
  isNew: boolean;
  connection: Connection | undefined;
}

/** Over TCP: how long after a connection was lost what is unanswered is sent again on a new one. */
const RECONNECT_MS = 300;
/** A repetition may come so long after its transaction has ended: it was under way. */
const LATE_MS = 2000;
/** How long a transaction is remembered that has ended. */
const REMEMBERED_MS = 120_000;
const TIMERS = ['timer'];
const NOTHING: readonly string[] = [];

/** A SIP endpoint with its transactions, which refuses nothing and notes everything that a strict one would refuse. */
export class LoadAgent {
  readonly name: string;
  readonly relayAddress: string | undefined;
  readonly #carriersName: string | undefined;
  readonly #target: Endpoint;
  readonly #user: AgentUser;
  readonly #clients = new Map<string, Client>();
  readonly #servers = new Map<string, Server>();
  /** Transactions that have ended: leg and time. */
  readonly #past = new Map<
    string,
    { readonly leg: LoadLeg | undefined; readonly endedMs: number }
  >();
  /** Legs by Call-ID and own tag, and by Call-ID alone. */
  readonly #legs = new Map<string, LoadLeg>();
  #wire: Wire | undefined;
  #timers: TimerValues = timerValues();
  #forgetting: NodeJS.Timeout | undefined;

  constructor({ name, target, user, relayAddress, carriersName }: AgentOptions) {
    this.name = name;
    this.relayAddress = relayAddress;
    this.#carriersName = carriersName;
    this.#target = target;
    this.#user = user;
  }

  /** Give it to the wire that is then attached. */
  readonly listener: WireListener = {
    onMessage: (message, arrival) => {
      this.#receive(message, arrival);
    },
    onGarbage: (cause) => {
      this.#user.onStrayFault(`${this.name}: cannot be read: ${cause}`);
    },
    onConnectionLost: (connection) => {
      this.#onConnectionLost(connection);
    },
  };

  attach(wire: Wire): void {
    this.#wire = wire;
    this.#timers = timerValues({ isReliable: wire.transport === 'tcp' });
    this.#forgetting = setInterval(() => {
      this.#forgetPast();
    }, 10_000);
  }

  get local(): Endpoint {
    return this.#attached.local;
  }

  get target(): Endpoint {
    return this.#target;
  }

  get transport(): 'udp' | 'tcp' {
    return this.#attached.transport;
  }

  /** What a request in a dialog needs of its endpoint. */
  requestParts(): { local: Endpoint; transport: 'udp' | 'tcp'; branch: string } {
    return { local: this.local, transport: this.transport, branch: `z9hG4bK${newToken()}` };
  }

  /** The Contact of this endpoint for a user. */
  contactUri(user: string): string {
    const suffix = this.transport === 'tcp' ? ';transport=tcp' : '';
    return `sip:${user}@${formatHostPort(this.local.address, this.local.port)}${suffix}`;
  }

  /** From now on requests of this dialog go to the leg. */
  register(id: string, localTag: string, leg: LoadLeg): void {
    this.#legs.set(id, leg);
    this.#legs.set(`${id}|${localTag}`, leg);
  }

  /** Sends a request in a transaction of its own. */
  request(request: SipRequest, leg: LoadLeg, answered: Answered): void {
    const key = clientKeyOf(topVia(request).branch ?? '', request.method);
    const bytes = serialize(request);
    const transaction = new ClientTransaction<SipResponse>({
      kind: request.method === 'INVITE' ? 'invite' : 'non-invite',
      request: bytes,
      timers: this.#timers,
      clock: systemTimers,
      user: {
        send: (message) => {
          this.#transmit(client, message);
        },
        acknowledge: (response) => serialize(ackForFailure(request, response)),
        onResponse: (response) => {
          if (response.status >= 200) client.finalStatus ??= response.status;
          answered.onResponse(response);
        },
        onFailure: (failure) => {
          leg.log.note(leg.name, '×', `${request.method}: ${failure}`);
          answered.onFailure?.(failure);
        },
        onTerminated: () => {
          this.#clients.delete(key);
          this.#past.set(key, { leg, endedMs: Date.now() });
        },
      },
    });
    const client: Client = {
      transaction,
      request,
      bytes,
      leg,
      sent: 0,
      toTag: undefined,
      finalStatus: undefined,
      connection: undefined,
      onRepeatedAnswer: undefined,
    };
    this.#clients.set(key, client);
    transaction.start();
  }

  /** Called for each repetition of the 2xx to an INVITE of ours. */
  onRepeatedAnswer(invite: SipRequest, run: () => void): void {
    const client = this.#clients.get(clientKeyOf(topVia(invite).branch ?? '', 'INVITE'));
    if (client !== undefined) client.onRepeatedAnswer = run;
  }

  /** Sends a message outside of any transaction: the ACK of a 2xx. */
  send(bytes: Buffer, message: SipMessage, leg: LoadLeg): void {
    leg.note('>', message);
    this.#attached.send(bytes, this.#target);
  }

  async close(): Promise<void> {
    clearInterval(this.#forgetting);
    for (const { transaction } of this.#clients.values()) transaction.abandon();
    for (const { transaction } of this.#servers.values()) transaction.abandon();
    await this.#attached.close();
  }

  get #attached(): Wire {
    if (this.#wire === undefined) throw new Error('no wire is attached');
    return this.#wire;
  }

  #transmit(client: Client, bytes: Buffer): void {
    const { leg, request } = client;
    if (leg.hasVanished) return;
    if (bytes.toString('latin1', 0, 4) === 'ACK ') {
      leg.log.note(leg.name, '>', 'ACK of the refusal');
    } else {
      leg.note('>', request);
      client.sent++;
      if (client.sent > 1) leg.log.retransmitted(client.sent - 1);
      leg.onTransmit(request);
    }
    client.connection = this.#attached.send(bytes, this.#target, client.connection);
  }

  #receive(message: SipMessage, arrival: WireArrival): void {
    try {
      if (message.kind === 'response') this.#receiveResponse(message, arrival);
      else this.#receiveRequest(message, arrival);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#user.onStrayFault(`${this.name}: ${error.code} ${error.message}\n${textOf(message)}`);
    }
  }

  #receiveResponse(response: SipResponse, arrival: WireArrival): void {
    const key = clientTransactionKey(response);
    const client = this.#clients.get(key);
    if (client === undefined) {
      this.#receiveLate(key, response);
      return;
    }
    const { leg } = client;
    if (leg.hasVanished) return;
    leg.note('<', response);
    this.#judgeSource(arrival, (text) => {
      leg.fault(text, response);
    });
    const { request } = client;
    const toTag = expectedTag(client, response);
    const expected = { request, target: this.#target, transport: this.transport, toTag };
    for (const text of judgeResponse(response, expected)) {
      leg.fault(`${String(response.status)} to ${request.method} ${text}`, response);
    }
    if (response.status > 100) client.toTag ??= to(response).tag;
    const { finalStatus } = client;
    if (finalStatus !== undefined && response.status >= 200 && response.status !== finalStatus) {
      leg.fault(`${String(response.status)} after ${String(finalStatus)}`, response);
    }
    const isRepeatedAnswer = finalStatus !== undefined && response.status < 300;
    if (isRepeatedAnswer && response.status >= 200) client.onRepeatedAnswer?.();
    else client.transaction.receive(response);
  }

  #receiveLate(key: string, response: SipResponse): void {
    const past = this.#past.get(key);
    const leg = past?.leg;
    if (past === undefined || leg === undefined) {
      this.#user.onStrayFault(`${this.name}: response to nothing\n${textOf(response)}`);
      return;
    }
    leg.note('<', response);
    if (Date.now() - past.endedMs > LATE_MS) leg.fault('response after its time', response);
  }

  #receiveRequest(request: SipRequest, arrival: WireArrival): void {
    const key = serverTransactionKey(request);
    const known = this.#servers.get(key);
    const leg = known?.leg ?? this.#legOf(request);
    if (leg?.hasVanished === true) return;
    leg?.note('<', request);
    const owner = leg ?? this.#legs.get(callId(request));
    const fault = (text: string): void => {
      const whole = `${request.method} ${text}`;
      if (owner === undefined)
        this.#user.onStrayFault(`${this.name}: ${whole}\n${textOf(request)}`);
      else owner.fault(whole, request);
    };
    this.#judgeSource(arrival, fault);
    const supported = leg?.hasTimers === true ? TIMERS : NOTHING;
    const setting = { target: this.#target, transport: this.transport, supported };
    judgeRequest(request, setting).forEach(fault);
    if (known !== undefined) this.#repeat(known, request, { arrival, fault });
    else if (request.method === 'ACK') this.#receiveAck(leg, request, fault);
    else this.#serve({ key, request, arrival, leg, fault });
  }

  #repeat(known: Server, request: SipRequest, { arrival, fault }: Repeated): void {
    known.connection = arrival.connection ?? known.connection;
    if (request.method === 'ACK') {
      if ((known.finalStatus ?? 0) >= 300) {
        judgeDerived(request, known.request, known.toTag).forEach(fault);
      } else {
        fault('has the branch of an INVITE that was not refused');
      }
    } else {
      judgeRepetition(request, known.request).forEach(fault);
    }
    known.transaction.receive(request);
  }

  #receiveAck(leg: LoadLeg | undefined, ack: SipRequest, fault: (text: string) => void): void {
    if (leg === undefined) fault('belongs to no call');
    else if (!this.#past.has(serverTransactionKey(ack))) leg.acceptAck(ack);
  }

  #serve({ key, request, arrival, leg, fault }: Serving): void {
    const answerTo = responseAddress(request);
    const transaction = new ServerTransaction<SipRequest>({
      kind: request.method === 'INVITE' ? 'invite' : 'non-invite',
      request,
      timers: this.#timers,
      clock: systemTimers,
      user: {
        send: (bytes) => {
          if (server.leg?.hasVanished === true) return;
          if (!server.isNew) server.leg?.log.note(server.leg.name, '>', 'the response again');
          server.isNew = false;
          server.connection = this.#attached.send(bytes, answerTo, server.connection);
        },
        trying: () => serialize(responseTo(request, 100, 'Trying')),
        onRequest: (received) => {
          if (received.method !== 'ACK') this.#dispatch(server, served, fault);
        },
        onFailure: () => {
          if (server.leg?.hasVanished !== true) fault('was refused, and no ACK came');
        },
        onTerminated: () => {
          this.#servers.delete(key);
          this.#past.set(key, { leg: server.leg, endedMs: Date.now() });
        },
      },
    });
    const server: Server = {
      transaction,
      request,
      leg,
      finalStatus: undefined,
      toTag: undefined,
      isNew: false,
      connection: arrival.connection,
    };
    const served: Served = {
      request,
      key,
      respond: (response) => {
        if (server.leg?.hasVanished === true) return;
        server.leg?.note('>', response);
        if (response.status > 100) server.toTag = to(response).tag;
        if (response.status >= 200) server.finalStatus = response.status;
        server.isNew = true;
        transaction.respond(response.status, serialize(response));
      },
    };
    this.#servers.set(key, server);
    transaction.start();
  }

  #dispatch(server: Server, served: Served, fault: (text: string) => void): void {
    const { request } = served;
    if (request.method === 'CANCEL') {
      this.#cancel(served, fault);
    } else if (to(request).tag !== undefined) {
      if (server.leg === undefined) {
        fault('is in no dialog that there is');
        served.respond(responseTo(request, 481, 'Call/Transaction Does Not Exist'));
      } else {
        server.leg.accept(served);
      }
    } else if (request.method !== 'INVITE') {
      // OPTIONS of a gateway's health check.
      served.respond(responseTo(request, 200, 'OK', { toTag: newToken() }));
    } else if (server.leg !== undefined) {
      fault('comes a second time with another branch');
      served.respond(responseTo(request, 482, 'Loop Detected', { toTag: newToken() }));
    } else {
      judgeInitialInvite(request, this.local, this.#carriersName).forEach(fault);
      server.leg = this.#user.onCall(served);
      server.leg?.note('<', request);
    }
  }

  #cancel(served: Served, fault: (text: string) => void): void {
    const { request } = served;
    const cancelled = this.#servers.get(cancelledTransactionKey(request));
    if (cancelled?.leg === undefined) {
      // A CANCEL may cross the final response, whose transaction may have ended since.
      if (!this.#past.has(cancelledTransactionKey(request))) fault('is for nothing');
      served.respond(responseTo(request, 481, 'Call/Transaction Does Not Exist'));
      return;
    }
    judgeDerived(request, cancelled.request, undefined).forEach(fault);
    // RFC 3261 §9.1: not before a provisional response.
    if (cancelled.toTag === undefined) fault('comes before any response to its INVITE');
    served.respond(
      responseTo(
        request,
        200,
        'OK',
        cancelled.toTag === undefined ? {} : { toTag: cancelled.toTag },
      ),
    );
    cancelled.leg.onCancel();
  }

  #legOf(request: SipRequest): LoadLeg | undefined {
    const id = callId(request);
    const { tag } = to(request);
    if (tag === undefined) return this.#legs.get(id);
    return this.#legs.get(`${id}|${tag}`);
  }

  #judgeSource({ source }: WireArrival, fault: (text: string) => void): void {
    if (this.transport === 'tcp') return;
    const { address, port } = this.#target;
    if (source.address === address && source.port === port) return;
    fault(`comes from ${source.address}:${String(source.port)}`);
  }

  // RFC 3261 §18.4 leaves it to the user; a carrier that has more than one way to its peer sends again.
  #onConnectionLost(connection: Connection): void {
    const lost = [...this.#clients.values()].filter(
      (client) => client.connection === connection && client.finalStatus === undefined,
    );
    if (lost.length === 0) return;
    systemTimers.start(RECONNECT_MS, () => {
      for (const client of lost) {
        if (client.finalStatus !== undefined || client.leg.hasVanished) continue;
        client.leg.log.note(client.leg.name, '>', `${client.request.method} on a new connection`);
        client.connection = this.#attached.send(client.bytes, this.#target);
      }
    });
  }

  #forgetPast(): void {
    const before = Date.now() - REMEMBERED_MS;
    for (const [key, { endedMs }] of this.#past) {
      if (endedMs > before) return;
      this.#past.delete(key);
    }
  }
}

interface Repeated {
  readonly arrival: WireArrival;
  readonly fault: (text: string) => void;
}

interface Serving extends Repeated {
  readonly key: string;
  readonly request: SipRequest;
  readonly leg: LoadLeg | undefined;
}

/** RFC 3261 §13.2.2.4: each callee has a tag, and so has who answers; a refusal is of the whole call. */
function expectedTag({ leg, request, toTag }: Client, { status }: SipResponse): string | undefined {
  const isForked = leg.mayFork && request.method === 'INVITE' && status < 300;
  return isForked ? undefined : toTag;
}
