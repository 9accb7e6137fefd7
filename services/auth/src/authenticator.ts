import { parameters } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import type { Precondition } from '@tandem/limits';
import type { AuthenticateRequest, AuthenticateResponse, Origin } from '@tandem/proto/auth';
import type { AuthConfiguration } from './core/auth-configuration.ts';
import {
  allowByAddress,
  concludeAccept,
  concludeIssue,
  concludeRefuse,
  denyByAddress,
  denyHiddenSource,
  denySource,
  leaveUnanswered,
  publicOrigin,
  refuseUnknown,
  toldAsWanted,
} from './core/conclude.ts';
import type { Circumstances } from './core/conclude.ts';
import { isInPlace, maySend } from './core/origins.ts';
import type { AddressOrigin, PasswordOrigin } from './core/origins.ts';
import { subjectOf } from './core/decisions.ts';
import { parseIpAddress } from './core/ip-address.ts';
import { showsCertificate } from './core/shown-certificate.ts';
import { planAuthentication, type PlanOf } from './core/plan.ts';
import { factsOf, isToBeVerified, withVerdict } from './core/verification.ts';
import { concludeUnanswered, unknownSource } from './core/unanswered.ts';
import type { ConcludedChallenge } from './core/unanswered-call.ts';
import type { AuthStore, BlacklistEntry, CallVerifier, Clock, NonceSource } from './ports.ts';

/** What an authenticator works with. */
export interface AuthenticatorParts {
  readonly store: AuthStore;
  readonly clock: Clock;
  readonly nonces: NonceSource;
  readonly verifier: CallVerifier;
  /** A source has come on the black list (AUTH-08). @default nobody is told */
  readonly onBlacklisted?: (entry: BlacklistEntry) => void;
}

/** Credentials that are right, while the store is asked whether they are good. */
export interface Accepting {
  /** Whom the request is from if they are. */
  readonly origin: Origin;
  /** What the store holds then. */
  readonly acceptance: Precondition;
}

/** Drives one decision: plan, at most one step of the store, conclusion. */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  #configuration: AuthConfiguration | undefined;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /** Puts a version of the configuration into effect for the requests that come from now on. */
  use(configuration: AuthConfiguration): void {
    this.#configuration = configuration;
  }

  /** A name of a gateway has been looked up again. */
  renewNames(): void {
    this.#configuration?.sources.renewNames();
  }

  isConfigured(): boolean {
    return this.#configuration !== undefined;
  }

  /** Whose a phone or gateway with a password is; '' where nobody has that name. */
  accountOf(username: string): string {
    return this.#configuration?.origins.byUsername(username)?.account ?? '';
  }

  /** Why an operator may not black-list an address (AUTH-08); undefined: nothing is against it. */
  whyNotBlacklisted(address: string): string | undefined {
    if (parseIpAddress(address) === undefined) {
      return `"${address}" is no IP address: write one such as 192.0.2.1; blocks stand in security.deny of the configuration`;
    }
    return this.#configuration?.sources.isSpared(address) === true
      ? `${address} is that of a gateway, or stands in security.allow of the configuration`
      : undefined;
  }

  /**
   * @param onAccepting told in the turn in which the store is asked, for who asks that store for more in the same write
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE, SWITCH_SECRET_INVALID, or SWITCH_SERVICE_UNAVAILABLE
   * while there is no configuration
   */
  async authenticate(
    request: AuthenticateRequest,
    onAccepting?: (accepting: Accepting) => void,
  ): Promise<AuthenticateResponse> {
    const configuration = this.#configuration;
    if (configuration === undefined) {
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'auth has no configuration yet');
    }
    const decided = await this.#decide(configuration, request, onAccepting);
    const response = toldAsWanted(decided, configuration);
    const { overload, scanners } = configuration;
    const entries = configuration.journalEntries;
    const journalEntries =
      entries === parameters.SS_JOURNAL_STRANGER_ENTRIES.default ? undefined : entries;
    return overload === undefined && scanners === undefined && journalEntries === undefined
      ? response
      : { ...response, overload, scanners, journalEntries };
  }

  /**
   * Gathers what became of challenges that nobody answered in their time (AUTH-14), some at once.
   * @returns what this pod has concluded, for who tells of it
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE
   */
  async concludeUnanswered(): Promise<readonly ConcludedChallenge[]> {
    const configuration = this.#configuration;
    if (configuration === undefined) return [];
    const { store, clock } = this.#parts;
    const challenges = await store.takeUnanswered();
    const concluded = challenges.map(async (challenge) => {
      const failure = concludeUnanswered(challenge, configuration, clock.nowMs());
      const isOurs = await store.conclude(challenge.session, failure);
      return isOurs ? { ...failure, challenge } : undefined;
    });
    return (await Promise.all(concluded)).filter((failure) => failure !== undefined);
  }

  async #decide(
    configuration: AuthConfiguration,
    request: AuthenticateRequest,
    onAccepting?: (accepting: Accepting) => void,
  ): Promise<AuthenticateResponse> {
    const { store, clock, nonces } = this.#parts;
    const atMs = clock.nowMs();
    const plan = planAuthentication(configuration, request, { nonces, atMs });
    const circumstances = { configuration, request, atMs };
    switch (plan.kind) {
      case 'denied':
        return denySource(plan.block, circumstances);
      case 'unanswered':
        return leaveUnanswered(circumstances);
      case 'allow':
        return this.#verified(
          allowByAddress(plan.origin, circumstances),
          plan.origin,
          circumstances,
        );
      case 'wrong-address':
        return denyByAddress(plan.origin, circumstances);
      case 'source-hidden':
        return denyHiddenSource(plan.origin, circumstances);
      case 'unknown-source':
        return this.#refuseUnknown(plan, circumstances);
      case 'issue': {
        const result = await store.issue(plan.command);
        return concludeIssue(plan, result, circumstances);
      }
      case 'accept': {
        const accepting = store.accept(plan.command);
        const acceptance = store.acceptance(plan.command);
        if (acceptance !== undefined && isCertain(plan.origin, request))
          onAccepting?.({ origin: publicOrigin(plan.origin), acceptance });
        const result = await accepting;
        return this.#verified(
          concludeAccept(plan, result, circumstances),
          plan.origin,
          circumstances,
        );
      }
      case 'refuse':
        return this.#refuse(plan, circumstances);
    }
  }

  async #refuse(
    plan: PlanOf<'refuse'>,
    circumstances: Circumstances,
  ): Promise<AuthenticateResponse> {
    const { store, onBlacklisted } = this.#parts;
    const result = await store.refuse(plan.command);
    if (result.kind === 'black-listed' && result.isNew) onBlacklisted?.(result.entry);
    return concludeRefuse(plan, result, circumstances);
  }

  /** AUTH-14 */
  async #refuseUnknown(
    { terminal, isSpared, attempt }: PlanOf<'unknown-source'>,
    circumstances: Circumstances,
  ): Promise<AuthenticateResponse> {
    const { configuration, atMs } = circumstances;
    const decision = unknownSource(configuration, attempt, { terminal, atMs });
    const cause = 'address in no list';
    const failure = { terminal, cause, reason: 'IpNotAllowed', decision } as const;
    const result = await this.#parts.store.gather(failure, { isSpared });
    return refuseUnknown(result, decision, circumstances);
  }

  /** CALL-12: what is allowed may be refused for its signature. */
  async #verified(
    response: AuthenticateResponse,
    origin: AddressOrigin | PasswordOrigin,
    { request, atMs }: Circumstances,
  ): Promise<AuthenticateResponse> {
    const { signing } = origin;
    const { verify } = signing;
    if (verify === 'off' || !isToBeVerified(signing, request)) return response;
    if (response.outcome?.$case !== 'allow') return response;
    const verdict = await this.#parts.verifier.verify(factsOf(request, signing, atMs));
    return withVerdict(response, verdict, { verify, subject: subjectOf(origin), atMs });
  }
}

/** What may be refused after all is not asked for ahead. */
function isCertain(origin: PasswordOrigin, request: AuthenticateRequest): boolean {
  const isLetIn = maySend(origin, request.method) && isInPlace(origin, request);
  return isLetIn && showsCertificate(origin, request) && !isToBeVerified(origin.signing, request);
}
