import { requestRefusals } from '@tandem/domain';
import type { RequestRefusalReason } from '@tandem/domain';
import {
  SipRequest,
  mendRequest,
  responseTo,
  serialize,
  serverTransactionKey,
  to,
  topVia,
  transportOf,
  validateRequest,
} from '@tandem/sip';
import type { SipParseError, SipResponse } from '@tandem/sip';
import { Barrier } from './barrier.ts';
import { BodyPassage } from './body-passage.ts';
import { useOfBranch } from './core/marks/branch-use.ts';
import { parseMark } from './core/marks/call-mark.ts';
import { isSamePlace } from './core/marks/owner.ts';
import type { Place } from './core/marks/owner.ts';
import { acknowledgesStateless } from './core/marks/stateless-tag.ts';
import { supportedOptions } from './core/messages/header-policy.ts';
import { faultAnswer } from './core/messages/request-answers.ts';
import type { LocalIdentity } from './core/network/local-identity.ts';
import { answerProbe } from './core/network/network-probe.ts';
import type { Flow } from './core/network/flow.ts';
import { isFlowOnly } from './core/network/peer-address.ts';
import type { PeerAddress } from './core/network/peer-address.ts';
import { SourceRules } from './core/network/source-rules.ts';
import { openGruu } from './core/messages/gruu.ts';
import { locate, saidIn } from './core/pods/locate.ts';
import type { PodsView } from './core/pods/locate.ts';
import { isElsewhere, isScattered, otherOwner } from './core/pods/new-calls.ts';
import { podsView } from './core/pods/pods-view.ts';
import { CallEnding, DialogRelay, EndedMedia, StoredTokenCache } from './dialog/dialogs.ts';
import type { EdgeParts, EdgeResources } from './edge-resources.ts';
import { AttemptTally, GatewayChecks, OptionsRequests } from './gateway-checks/gateway-checks.ts';
import { readableOf } from './network/network.ts';
import type { MessageListener } from './network/network.ts';
import { StoreBacklog } from './outbox/outbox.ts';
import { overloadGuard } from './overload/overload.ts';
import type { OverloadGuard, OverloadView } from './overload/overload.ts';
import { Drain, ForeignCalls, HangUps, ResponseFinder } from './pods/pods.ts';
import type { ForeignMessage } from './pods/pods.ts';
import type { DueWork, Orphan, Pod } from './ports.ts';
import {
  CarrierRegistrations,
  Registrations,
  registerOptions,
} from './registration/registration.ts';
import {
  Calls,
  Messages,
  UnwantedAnswers,
  accepted,
  answerStateless,
  claimKey,
  noCall,
  dropScanner,
  noteUnreadable,
  refuseStateless,
} from './setup/calls.ts';
import type { StatelessAnswer } from './setup/calls.ts';
import { RecordedOffers } from './recorded-offers.ts';
import { messagesDropped } from './telemetry.ts';
import { UnreadDrops } from './unread-drops.ts';

const servedSchemes = ['sip', 'tel'];
/** A sips URI promises that every hop is secure (RFC 3261 §26.2.2), the first one too. */
const secureSchemes = [...servedSchemes, 'sips'];
/** Options that a REGISTER may require. */
const optionsOfRegister = [...supportedOptions, ...registerOptions];

/** @param isHanded another pod has handed the request over */
type Handler = (request: SipRequest, from: PeerAddress, isHanded: boolean) => void;

/** What becomes of the requests with one method. */
interface Method {
  /** Takes what belongs to a transaction of a call, or of its refusal. @returns whether it does */
  readonly inTransaction?: (request: SipRequest, from: PeerAddress, isHanded: boolean) => boolean;
  /** It has a To tag. */
  readonly inDialog: Handler;
  readonly outOfDialog: Handler;
}

/** Finds the handler of every message that comes in (edge.md §3). */
export class EdgeServer implements MessageListener {
  readonly hangUps: HangUps;
  readonly #edge: EdgeResources;
  readonly #calls: Calls;
  readonly #foreign: ForeignCalls;
  readonly #ending: CallEnding;
  readonly #relay: DialogRelay;
  readonly #messages: Messages | undefined;
  readonly #registrations: Registrations | undefined;
  readonly #carriers: CarrierRegistrations | undefined;
  /** Asks addresses of gateways whether they are there. */
  readonly options: OptionsRequests;
  readonly #checks: GatewayChecks | undefined;
  readonly #responses: ResponseFinder;
  readonly #pods: PodsView;
  readonly #guard: OverloadGuard | undefined;
  readonly #sources: SourceRules;
  readonly #unread: UnreadDrops;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #unknownMethod: Method;
  /** What has timers. */
  readonly #closing: readonly ({ close(): void } | undefined)[];
  #isDraining = false;

  constructor(parts: EdgeParts) {
    const local: { -readonly [Name in keyof LocalIdentity]: LocalIdentity[Name] } = {
      ...parts.local,
    };
    const barrier = new Barrier({
      ...parts,
      refuse: (request, from) => {
        this.#answer(request, from, { answer: 'InternalError' });
      },
    });
    const given = { ...parts, local, barrier, clock: barrier.clock() };
    const unwanted = new UnwantedAnswers(given);
    const unread = new UnreadDrops(given);
    const guard = overloadGuard(
      { ...given, unread },
      {
        isKnown: (key) => calls.isKnown(key),
        isElsewhere: (callId, from) => isElsewhere(callId, from, view),
        get isAlone() {
          return view.own === '' || view.pods.length < 2;
        },
        isScattered: (from) => isScattered(from, view),
        isClaimed: async (invite) => {
          const key = claimKey(serverTransactionKey(invite), invite);
          return (await parts.store.findClaim(key)) !== undefined;
        },
        begin: (invite, from) => {
          calls.begin(invite, from);
        },
        get undecided() {
          return calls.undecided;
        },
      },
    );
    const sources = new SourceRules(given.clock, given.journal);
    const auth = sources.heard(guard?.heard(parts.auth) ?? parts.auth);
    const endedMedia = new EndedMedia(given);
    const backlog = new StoreBacklog(given);
    const { bodyStep: step, logger } = given;
    const bodyStep = step && new RecordedOffers(step, given.sessions, logger);
    const bodies = new BodyPassage({ bodyStep, barrier });
    const tally = new AttemptTally();
    const storedTokens = new StoredTokenCache(given.store);
    const own = { backlog, unwanted, endedMedia, storedTokens, tally, unread, bodies };
    const edge = { ...given, auth, ...own };
    const calls: Calls = new Calls(edge, {
      onDecided: () => {
        guard?.decided();
      },
      isOwn: (callId) => otherOwner(callId, view) === undefined,
      onInDialog: (request, source) => {
        relay.request(request, source);
      },
      onElsewhere: (callId, messages, owner) => {
        foreign.followCall(callId, messages, owner);
      },
    });
    const relay: DialogRelay = new DialogRelay(edge, {
      calls,
      toOwner: (callId, request, source) => {
        foreign.follow(callId, request, source);
      },
      toOthers: (response, source) => {
        this.#responses.handToAll(response, source);
      },
      onByeRefused: (hop, status) => {
        // It reports its own failures.
        void ending.byeRefused(hop, status);
      },
    });
    const ending: CallEnding = new CallEnding(edge);
    const view = podsView(local, edge.pods, calls);
    const foreign: ForeignCalls = new ForeignCalls(edge, {
      view,
      calls,
      isDraining: () => this.#isDraining,
      dispatch: (message) => {
        this.#dispatch(message);
      },
      onUnclaimed: (cancel, from) => {
        // A client that gives no token back may mean its re-INVITE.
        if (to(cancel).tag === undefined) this.#answer(cancel, from, noCall);
        else relay.request(cancel, from);
      },
    });
    this.#edge = edge;
    this.#guard = guard;
    this.#sources = sources;
    this.#unread = unread;
    this.#calls = calls;
    this.#relay = relay;
    const messages = edge.relaysMessages === true ? new Messages(edge) : undefined;
    this.#messages = messages;
    const { registrar } = edge;
    const isRefusingCalls = (): boolean => guard?.isRefusing === true;
    this.#registrations = registrar && new Registrations({ ...edge, registrar, isRefusingCalls });
    this.#carriers = edge.carriers && new CarrierRegistrations(edge, edge.carriers);
    const options = new OptionsRequests(edge);
    this.options = options;
    this.#checks = edge.checks && new GatewayChecks({ ...edge, client: edge.checks }, options);
    this.#ending = ending;
    this.hangUps = new HangUps(edge, { view, calls, ending, foreign });
    this.#foreign = foreign;
    this.#responses = new ResponseFinder(edge, {
      view,
      calls,
      foreign,
      relay,
      ending,
      messages,
      keepalives: this.#registrations?.keepalives,
      carriers: this.#carriers,
      options,
    });
    this.#pods = view;
    this.#closing = [
      ...[calls, unwanted, foreign, ending, relay, messages, options, guard, unread],
      ...[this.#registrations, this.#carriers, this.#checks],
    ];
    this.#methods = new Map(Object.entries(this.#table()));
    this.#unknownMethod = this.#answered('MethodUnknown');
    edge.pods.onLost(({ slot, epoch }) => {
      const isSame = isSamePlace({ slot, epoch }, local);
      local.slot = slot;
      local.epoch = epoch;
      calls.leaseLost(isSame);
    });
  }

  /** From now on it does of itself what is due. */
  start(): void {
    for (const part of [this.#registrations, this.#carriers, this.#checks]) part?.start();
  }

  /** Stops every timer: what is left of calls is in the store. */
  close(): void {
    for (const part of this.#closing) part?.close();
  }

  /** Ends an answered call whose time is over, or asks its ends whether they are still in it; looks out for ACKs. */
  due(work: DueWork): Promise<void> {
    if (work.why !== 'watch') return this.#ending.due(work);
    this.#relay.lookOutFor(work.callIds);
    return Promise.resolve();
  }

  /** Ends an answered call of which the relay has had no RTP for so long (CALL-05). */
  silent(callId: string, silenceSeconds: number): Promise<void> {
    return this.#ending.silent(callId, silenceSeconds);
  }

  /** Nothing new is begun from now on; calls that ring are given to other pods. @returns when the pod may go */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#registrations?.keepalives.drain();
    const calls = new Drain(this.#edge, {
      calls: () => this.#calls.all(),
      otherWorker: (callId) => this.#foreign.otherWorker(callId),
    }).run();
    await Promise.all([calls, this.#carriers?.drain(), this.#checks?.drain()]);
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Where this pod stands among the pods now. */
  get place(): Place {
    return this.#edge.local;
  }

  /** Calls of this pod that have no final answer yet. */
  get pendingCalls(): number {
    return this.#calls.pendingCount;
  }

  /** How it is loaded, and what it does about it; undefined where nothing is done. */
  get overload(): OverloadView | undefined {
    return this.#guard?.view;
  }

  passOn(bytes: Buffer, from: PeerAddress): boolean {
    let isTaken = true;
    // Read here it would fail again.
    this.#edge.barrier.run(
      () => {
        isTaken = this.#takesUnread(bytes, from);
      },
      { from },
    );
    return isTaken;
  }

  onMessage(message: SipRequest | SipResponse, from: PeerAddress): void {
    this.#receive(message, from, false);
  }

  onHanded(message: SipRequest | SipResponse, from: PeerAddress): void {
    this.#receive(message, from, true);
  }

  onOffer(callId: string): void {
    const take = (): void => {
      this.#foreign.offered(callId);
    };
    this.#edge.barrier.run(take, { callId });
  }

  onHangUp(callId: string, operator: string): void {
    this.hangUps.told(callId, operator);
  }

  onUndelivered(request: SipRequest, peer: PeerAddress): void {
    const take = (): void => {
      const { branch = '' } = topVia(request);
      this.#messages?.undelivered(branch);
      this.#registrations?.keepalives.undelivered(branch);
      this.#carriers?.undelivered(branch);
      this.options.undelivered(branch);
      this.#calls.undelivered(branch, request.method);
      // RFC 5626 §5.3.1: its sender would ask in vain until it gives up. Where a connection can be made again it asks again.
      if (!isFlowOnly(peer) || useOfBranch(branch) !== 'relayed') return;
      const { code, phrase } = requestRefusals.FlowFailed;
      this.#receive(responseTo(request, code, phrase), peer, true);
    };
    this.#edge.barrier.run(take, {});
  }

  onFlowClosed(flow: Flow): void {
    this.#registrations?.flows.closed(flow);
  }

  onMalformed(error: SipParseError, from: PeerAddress): void {
    const readable = readableOf(error);
    if (readable !== undefined) {
      this.#receive(readable, from, false);
      return;
    }
    messagesDropped.add(1, { cause: error.code });
    const { request } = error;
    const refuse = (): void => {
      if (request === undefined) noteUnreadable(this.#edge, error, from);
      else this.#answer(request, from, { answer: 'Malformed', warning: error.message }, error);
    };
    this.#edge.barrier.run(refuse, { from });
  }

  onClosed(connection: number): void {
    this.#carriers?.connectionClosed(connection);
  }

  onError(error: Error): void {
    this.#edge.logger.warn({ err: error }, 'socket error');
  }

  /** A call of a dead pod that a sweep has taken over for this one. */
  adopted(orphan: Orphan): void {
    this.#calls.adopt({ ...orphan, cause: 'sweep' });
  }

  #takesUnread(bytes: Buffer, from: PeerAddress): boolean {
    if (this.#sources.dropsUnread(bytes, from)) {
      messagesDropped.add(1, { cause: 'black-listed' });
      this.#unread.count('source-black-listed', from.address);
      return true;
    }
    return this.#guard?.takes(bytes, from) === true || this.#responses.passOn(bytes, from);
  }

  #receive(message: SipRequest | SipResponse, from: PeerAddress, isHanded: boolean): void {
    const take = (): void => {
      if (message instanceof SipRequest) this.#request(message, from, isHanded);
      else this.#responses.receive(message, from, isHanded);
    };
    this.#edge.barrier.run(take, { message, from });
  }

  #request(request: SipRequest, from: PeerAddress, isHanded: boolean): void {
    mendRequest(request);
    const fault = validateRequest(request, {
      supported: request.method === 'REGISTER' ? optionsOfRegister : supportedOptions,
      schemes: transportOf(from).isSecure ? secureSchemes : servedSchemes,
    });
    if (fault !== undefined) {
      messagesDropped.add(1, { cause: String(fault.code) });
      if (request.method !== 'ACK') this.#answer(request, from, faultAnswer(fault));
      return;
    }
    openGruu(request, this.#edge.sealer);
    const method = this.#methods.get(request.method) ?? this.#unknownMethod;
    if (method.inTransaction?.(request, from, isHanded) === true) return;
    if (to(request).tag !== undefined) method.inDialog(request, from, isHanded);
    else if (this.#sources.drops(request)) dropScanner(this.#edge, request, from);
    else method.outOfDialog(request, from, isHanded);
  }

  /** Every method, and what becomes of it: in a transaction of a call, else in a dialog, else by itself. */
  #table(): Record<string, Method> {
    const calls = this.#calls;
    const inDialog: Handler = (request, from) => {
      this.#relay.request(request, from);
    };
    // A To tag has no part in whose it is (RFC 3261 §9.2): some clients write that of the 180.
    const cancelElsewhere: Handler = (cancel, from, isHanded) => {
      // Of a re-INVITE: it has the Request-URI of that (RFC 3261 §9.1).
      if (this.#relay.isLed(cancel)) this.#relay.request(cancel, from);
      else this.#foreign.cancel(cancel, from, isHanded);
    };
    const ofDialogs = this.#answered('NoDialog');
    const notServed = this.#answered('MethodNotAllowed');
    // Neither has a meaning in a dialog (RFC 3261 §10.2, RFC 3903 §4).
    const notServedAnywhere: Method = { ...notServed, inDialog: notServed.outOfDialog };
    const messages = this.#messages;
    const registrations = this.#registrations;
    return {
      INVITE: {
        inTransaction: (invite) => calls.repeated(invite),
        inDialog,
        outOfDialog: (invite, from, isHanded) => {
          // A Contact of ours leads into its dialog alone: it is nobody who could be called.
          if (this.#relay.isLed(invite)) {
            refuseStateless(this.#edge, invite, { source: from, reason: 'UserNotFound' });
          } else {
            this.#begin(invite, from, isHanded);
          }
        },
      },
      CANCEL: {
        inTransaction: (cancel, from) => calls.cancelled(cancel, from),
        inDialog: cancelElsewhere,
        outOfDialog: cancelElsewhere,
      },
      ACK: {
        inTransaction: (ack, from, isHanded) => this.#acknowledged(ack, from, isHanded),
        inDialog,
        outOfDialog: () => {
          messagesDropped.add(1, { cause: 'ack-without-dialog' });
        },
      },
      OPTIONS: {
        inDialog,
        outOfDialog: this.#answerOptions.bind(this),
      },
      BYE: ofDialogs,
      INFO: ofDialogs,
      NOTIFY: ofDialogs,
      PRACK: ofDialogs,
      REFER: ofDialogs,
      UPDATE: ofDialogs,
      MESSAGE:
        messages === undefined
          ? notServed
          : {
              inTransaction: (message) => messages.repeated(message),
              inDialog,
              outOfDialog: (message, from, isHanded) => {
                if (!this.#isOthers(message, from, isHanded)) messages.take(message, from);
              },
            },
      PUBLISH: notServedAnywhere,
      REGISTER:
        registrations === undefined
          ? notServedAnywhere
          : { ...notServedAnywhere, outOfDialog: registrations.take.bind(registrations) },
      SUBSCRIBE: notServed,
    };
  }

  /** Relayed in a dialog, answered so out of one. */
  #answered(answer: RequestRefusalReason): Method {
    return {
      inDialog: (request, from) => {
        this.#relay.request(request, from);
      },
      outOfDialog: (request, from) => {
        this.#answer(request, from, { answer });
      },
    };
  }

  /** A pod that drains starts nothing. */
  #begin(invite: SipRequest, from: PeerAddress, isHanded: boolean): void {
    if (this.#isDraining) {
      if (!this.#foreign.giveAway(invite, from))
        refuseStateless(this.#edge, invite, { source: from });
      return;
    }
    if (!isHanded && isScattered(from, this.#pods) && this.#isAnybodyOverloaded) {
      const pod = otherOwner(invite.headers.get('Call-ID') ?? '', this.#pods);
      if (pod !== undefined) {
        this.#edge.link.hand(invite, from, pod);
        return;
      }
    }
    const entry = this.#guard?.enter(invite, from);
    if (entry?.kind === 'refused') return;
    this.#calls.begin(invite, from, entry?.kind === 'record' ? entry : undefined);
  }

  /**
   * MESSAGE is remembered by one pod alone, that of its Call-ID: any other gives it there, and so does one that drains.
   * @returns whether it is dealt with
   */
  #isOthers(message: SipRequest, from: PeerAddress, isHanded: boolean): boolean {
    if (this.#isDraining) {
      if (!this.#foreign.giveAway(message, from))
        refuseStateless(this.#edge, message, { source: from });
      return true;
    }
    const owner = isHanded
      ? undefined
      : otherOwner(message.headers.get('Call-ID') ?? '', this.#pods);
    if (owner !== undefined) this.#edge.link.hand(message, from, owner);
    return owner !== undefined;
  }

  get #isAnybodyOverloaded(): boolean {
    const isOverloaded = ({ figures }: Pod): boolean => figures?.isShedding === true;
    return this.#guard?.isRefusing === true || this.#pods.pods.some(isOverloaded);
  }

  /** RFC 3261 §17.1.1.3: of a refusal here, of a challenge, or of what another pod has refused, which our To tag names. */
  #acknowledged(ack: SipRequest, from: PeerAddress, isHanded: boolean): boolean {
    // That of a challenge has done what it is for.
    if (this.#calls.acknowledged(ack) || acknowledgesStateless(ack)) return true;
    const { kind } = locate(saidIn(ack), this.#pods, isHanded);
    if (kind !== 'pod' && kind !== 'store') return false;
    const mark = parseMark(this.#edge.sealer, to(ack).tag ?? '');
    if (mark === undefined) return false;
    this.#foreign.take({ message: ack, from, callId: mark.callId, place: mark, isHanded });
    return true;
  }

  /** What a probe of our own network asks, in whatever state we are (CALL-07); else whether we take calls. */
  #answerOptions(options: SipRequest, source: PeerAddress): void {
    const { sealer, local, transport } = this.#edge;
    const told = answerProbe(options, { source, pod: local.name, sealer });
    if (told !== undefined) transport.send(serialize(told), source);
    else this.#answer(options, source, this.#isDraining ? { answer: 'Unavailable' } : accepted);
  }

  /** A message of a call that is in memory now, or is answered. */
  #dispatch({ message, from, callId }: ForeignMessage): void {
    if (!(message instanceof SipRequest)) this.#responses.ofAdopted(message, from);
    else if (!this.#calls.takenOver(callId, message, from) && to(message).tag !== undefined) {
      this.#relay.request(message, from);
    }
  }

  /** @param wrong where a broken request is wrong */
  #answer(
    request: SipRequest,
    source: PeerAddress,
    answer: StatelessAnswer,
    wrong?: Pick<SipParseError, 'offset'>,
  ): void {
    const { registrar, relaysMessages: takesMessages } = this.#edge;
    const takes = { takesMessages, takesRegisters: registrar !== undefined };
    const said = { ...answer, ...takes };
    answerStateless(this.#edge, request, { source, answer: said, offset: wrong?.offset });
  }
}
