import { isRefusalReason, refusals } from '@tandem/domain';
import type { JournalWhy, Refusal, RefusalReason } from '@tandem/domain';
import type { Origin } from '@tandem/proto/auth';
import type { RegisterRequest } from '@tandem/proto/registrar';
import { readableText, serialize, serverTransactionKey, to, userOf } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import { authenticateRequest } from '../core/call/authenticate-request.ts';
import { statelessTag } from '../core/marks/stateless-tag.ts';
import { challenge, refusal } from '../core/messages/caller-response.ts';
import { spreadSeconds } from '../core/messages/raw-refusal.ts';
import { registerRequest } from '../core/messages/register-request.ts';
import { registered, registerRefusal } from '../core/messages/register-response.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { LocalName } from '../core/network/local-addresses.ts';
import { formatPeerAddress } from '../core/network/peer-address.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { registersAnswered, registersShed } from '../telemetry.ts';
import { GoneFlows } from './gone-flows.ts';
import type { GoneFlowResources } from './gone-flows.ts';
import { Keepalives } from './keepalives.ts';
import { RegisterAdmission } from './register-admission.ts';
import type { KeepaliveResources } from './keepalives.ts';

/** What REGISTER is answered by. */
export type RegistrationResources = Pick<EdgeResources, 'auth' | 'journal' | 'network' | 'unread'> &
  KeepaliveResources &
  GoneFlowResources & {
    /** Whether this pod refuses calls: then phones wait. */
    readonly isRefusingCalls: () => boolean;
  };

/** Those that are refused for load come back after so many seconds to twice as many. */
const SHED_SECONDS = 20;

/**
 * Answers REGISTER (RFC 3261 §10.3): auth says who it is from and whether it may, the registrar keeps where its sender is. Nothing
 * is remembered here: a request that is repeated, or comes by another pod, gets the same again.
 */
export class Registrations {
  /** OPTIONS to those that are registered. */
  readonly keepalives: Keepalives;
  readonly flows: GoneFlows;
  readonly #edge: RegistrationResources;
  /** Those that are being answered, by transaction. */
  readonly #underWay = new Set<string>();
  readonly #admission = new RegisterAdmission();

  constructor(edge: RegistrationResources) {
    this.#edge = edge;
    this.keepalives = new Keepalives(edge);
    this.flows = new GoneFlows(edge);
  }

  /** From now on phones are looked after that have registered. */
  start(): void {
    this.keepalives.start();
    this.flows.start();
  }

  close(): void {
    this.keepalives.close();
    this.flows.close();
  }

  take(request: SipRequest, source: PeerAddress): void {
    const key = serverTransactionKey(request);
    // Its answer is on the way.
    if (this.#underWay.has(key) || this.#isShed(request, source)) return;
    this.#underWay.add(key);
    this.#answer(request, source)
      .catch((error: unknown) => {
        this.#edge.logger.error({ err: error, source: source.address }, 'REGISTER failed');
      })
      .finally(() => {
        this.#underWay.delete(key);
      });
  }

  /** REG-07: refused before anybody is asked. */
  #isShed(request: SipRequest, source: PeerAddress): boolean {
    const { clock, isRefusingCalls, network, transport } = this.#edge;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const load = { underWay: this.#underWay.size, isRefusingCalls: isRefusingCalls() };
    const cause = this.#admission.shed({ request, source, isSourceHidden }, load, clock.now());
    if (cause === undefined) return false;
    registersShed.add(1, { cause });
    this.#edge.unread.count('refused-unread', source.address);
    const toTag = statelessTag(request);
    const local = nameTowards(this.#edge.local, source);
    const retryAfterSeconds = spreadSeconds(SHED_SECONDS, toTag);
    const response = refusal(request, { reason: 'Overload', toTag, local, retryAfterSeconds });
    registersAnswered.add(1, { code: response.status });
    transport.send(serialize(response), source);
    return true;
  }

  async #answer(request: SipRequest, source: PeerAddress): Promise<void> {
    const { transport } = this.#edge;
    const local = nameTowards(this.#edge.local, source);
    const response = await this.#responseTo({ request, source, local });
    if (response === undefined) return;
    registersAnswered.add(1, { code: response.status });
    transport.send(serialize(response), source);
  }

  /** Undefined: it gets no answer at all (AUTH-08, AUTH-09). */
  async #responseTo(received: Received): Promise<SipResponse | undefined> {
    const { logger } = this.#edge;
    try {
      return await this.#decide(received);
    } catch (error) {
      const callId = received.request.headers.get('Call-ID');
      logger.warn({ err: error, callId }, 'REGISTER cannot be decided');
      const fault = error instanceof Error ? error.message : String(error);
      this.#note(received, { cause: 'not-decided', facts: { fault } });
      return refused(received, 'ServiceUnavailable');
    }
  }

  async #decide(received: Received): Promise<SipResponse | undefined> {
    const { auth, network } = this.#edge;
    const { request, source } = received;
    const isSourceHidden = network?.isSourceHidden(source) ?? false;
    const { outcome } = await auth.authenticate(
      authenticateRequest(request, { source, traceParent: '', isSourceHidden }),
    );
    switch (outcome?.$case) {
      case 'challenge':
        return challenge(request, {
          ...outcome.value,
          toTag: statelessTag(request),
          local: received.local,
        });
      case 'deny':
        if (outcome.value.unanswered) return undefined;
        return refused(received, reasonOf(outcome.value.reason));
      case 'allow':
        return this.#register(received, outcome.value);
      case undefined:
        return refused(received, 'ServiceUnavailable');
    }
  }

  async #register(received: Received, origin: Origin): Promise<SipResponse> {
    const { local, request, source } = received;
    const toTag = statelessTag(request);
    const asked = registerRequest(request, {
      source,
      local: source.listener === undefined ? '' : local.hostPort,
      edge: this.#edge.local.name,
    });
    if (typeof asked === 'string') {
      this.#note(received, { cause: 'malformed', facts: { fault: asked } }, origin);
      return registerRefusal(request, {
        toTag,
        local,
        refused: { cause: 'Malformed', text: asked, minExpires: 0 },
      });
    }
    if (!isOwn(asked, origin)) {
      const text = `${origin.kind} ${origin.name} registers for ${asked.phone}`;
      this.#note(received, { cause: 'foreign-registration', facts: { for: asked.phone } }, origin);
      return registerRefusal(request, {
        toTag,
        local,
        refused: { cause: 'ForeignRegistration', text, minExpires: 0 },
      });
    }
    const { outcome } = await this.#edge.registrar.register(asked);
    switch (outcome?.$case) {
      case 'registered': {
        const nowMs = this.#edge.clock.now();
        const isOutbound = asked.isOutbound && asked.contacts.some(({ regId }) => regId > 0);
        const { sealer } = this.#edge;
        const answer = { toTag, local, registered: outcome.value, nowMs, isOutbound, sealer };
        return registered(request, answer);
      }
      case 'refused':
        // DENY-09: configured when auth was asked, and not any more.
        if (outcome.value.cause === 'UserNotFound') return refused(received, 'UserNotFound');
        return registerRefusal(request, { toTag, local, refused: outcome.value });
      case undefined:
        return refused(received, 'ServiceUnavailable');
    }
  }

  /** REG-11: what neither auth nor the registrar knows of. */
  #note({ request, source }: Received, why: JournalWhy, origin?: Origin): void {
    this.#edge.journal?.note({
      ...why,
      terminal: origin?.name ?? userOf(to(request).uri),
      account: origin?.account ?? '',
      sender: origin === undefined ? 'unknown' : 'proved',
      source: formatPeerAddress(source),
      userAgent: readableText(request.headers.get('User-Agent') ?? ''),
      callId: readableText(request.headers.get('Call-ID') ?? ''),
    });
  }
}

interface Received {
  readonly request: SipRequest;
  readonly source: PeerAddress;
  /** What the switch is called towards it. */
  readonly local: LocalName;
}

/** RFC 3261 §10.3 step 4: for nobody but itself. Whether it registers at all auth has said (REG-10). */
function isOwn({ phone }: RegisterRequest, { name }: Origin): boolean {
  return name === phone;
}

function refused({ local, request }: Received, reason: RefusalReason): SipResponse {
  const toTag = statelessTag(request);
  const { retryAfterSeconds: seconds }: Refusal = refusals[reason];
  // REG-07: clients that come back to the second must not all come back in the same one.
  const retryAfterSeconds = seconds === undefined ? 0 : spreadSeconds(seconds, toTag);
  return refusal(request, { reason, toTag, local, retryAfterSeconds });
}

function reasonOf(name: string): RefusalReason {
  return isRefusalReason(name) ? name : 'ServiceUnavailable';
}
