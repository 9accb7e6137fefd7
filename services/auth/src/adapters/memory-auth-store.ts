import { REQUESTS_PER_NONCE } from '../core/nonce-use.ts';
import type { SessionTerms } from '../core/session-terms.ts';
import type {
  AcceptCommand,
  AcceptResult,
  AuthStore,
  Clock,
  FreshNonce,
  IssueCommand,
  IssueResult,
  Presented,
  RefuseCommand,
  RefuseResult,
  Stale,
  Suspension,
} from '../ports.ts';

interface KeptNonce {
  readonly realm: string;
  readonly terms: SessionTerms;
  readonly expiresMs: number;
  /** The highest nonce count taken; Infinity after a use without qop. */
  count: number;
  readonly accepted: Set<string>;
  readonly refused: Map<string, RefuseResult>;
}

interface KeptTerminal {
  failures: number;
  expiresMs: number;
  suspension?: Suspension;
}

interface KeptSession {
  readonly terms: SessionTerms;
  readonly firstMs: number;
  readonly expiresMs: number;
  failures: number;
}

/**
 * The store of one process, for the embedded mode and for tests. JavaScript runs each method to its
 * end before another begins, which makes it atomic.
 */
export class MemoryAuthStore implements AuthStore {
  readonly #clock: Clock;
  readonly #nonces = new Map<string, KeptNonce>();
  readonly #terminals = new Map<string, KeptTerminal>();
  readonly #sessions = new Map<string, KeptSession>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue({ terminal, fresh }: IssueCommand): Promise<IssueResult> {
    const suspension = this.#suspensionOf(terminal);
    if (suspension !== undefined) return Promise.resolve({ kind: 'suspended', suspension });
    this.#keep(fresh, fresh.terms);
    return Promise.resolve({ kind: 'issued' });
  }

  acceptance(): undefined {
    return undefined;
  }

  accept(command: AcceptCommand): Promise<AcceptResult> {
    return Promise.resolve(this.#accept(command));
  }

  refuse(command: RefuseCommand): Promise<RefuseResult> {
    return Promise.resolve(this.#refuse(command));
  }

  listSuspensions(): Promise<readonly Suspension[]> {
    const found = [...this.#terminals.keys()]
      .map((terminal) => this.#suspensionOf(terminal))
      .filter((suspension) => suspension !== undefined);
    const isBefore = (a: Suspension, b: Suspension): number =>
      a.untilMs - b.untilMs || (a.terminal < b.terminal ? -1 : 1);
    return Promise.resolve(found.sort(isBefore));
  }

  liftSuspension(terminal: string): Promise<boolean> {
    const isSuspended = this.#suspensionOf(terminal) !== undefined;
    if (isSuspended) this.#terminals.delete(terminal);
    return Promise.resolve(isSuspended);
  }

  isReachable(): boolean {
    return true;
  }

  #accept(command: AcceptCommand): AcceptResult {
    const { terminal, session, fingerprint, nonceCount } = command;
    const nonce = this.#live(this.#nonces, command.nonce);
    if (nonce?.accepted.has(fingerprint) === true) return { kind: 'accepted' };
    const suspension = this.#suspensionOf(terminal);
    if (suspension !== undefined) return { kind: 'suspended', suspension };
    if (nonce?.realm !== command.realm || isWornOut(nonce)) {
      return this.#stale(command, 'unknown-nonce', command.fresh.terms);
    }
    const isReplayed = nonceCount === undefined ? nonce.count > 0 : nonceCount <= nonce.count;
    if (isReplayed) return this.#stale(command, 'replayed', nonce.terms);
    nonce.count = nonceCount ?? Infinity;
    nonce.accepted.add(fingerprint);
    this.#terminals.delete(terminal);
    this.#sessions.delete(session);
    return { kind: 'accepted' };
  }

  #refuse(command: RefuseCommand): RefuseResult {
    const nonce = this.#live(this.#nonces, command.nonce);
    const before = nonce?.refused.get(command.fingerprint);
    if (before !== undefined) return before;
    const suspension = this.#suspensionOf(command.terminal);
    if (suspension !== undefined) return { kind: 'suspended', suspension };
    if (nonce === undefined || isWornOut(nonce)) {
      return this.#stale(command, 'unknown-nonce', command.fresh.terms);
    }
    const result = this.#count(command, nonce);
    nonce.refused.set(command.fingerprint, result);
    return result;
  }

  #count(command: RefuseCommand, nonce: KeptNonce): RefuseResult {
    const now = this.#clock.nowMs();
    const session = this.#live(this.#sessions, command.session);
    const terms = session?.terms ?? nonce.terms;
    const failures = (this.#live(this.#terminals, command.terminal)?.failures ?? 0) + 1;
    const terminal: KeptTerminal = { failures, expiresMs: now + terms.suspendMs };
    this.#terminals.set(command.terminal, terminal);
    // AUTH-07: 0 never suspends.
    if (terms.maxFailures > 0 && failures >= terms.maxFailures) {
      terminal.suspension = suspend(command, terms, { now, failures });
      this.#sessions.delete(command.session);
      return { kind: 'suspended', suspension: terminal.suspension };
    }
    const count = { session: (session?.failures ?? 0) + 1, terminal: failures };
    const firstMs = session?.firstMs ?? now;
    // AUTH-06: whichever limit is reached first.
    const isLate = now - firstMs > terms.timeoutMs;
    if (isLate || count.session > terms.retryLimit) {
      this.#sessions.delete(command.session);
      return { kind: 'ended', limit: isLate ? 'timeout' : 'retry', terms, count };
    }
    const expiresMs = now + terms.timeoutMs + command.fresh.lifetimeMs;
    this.#sessions.set(command.session, { terms, firstMs, failures: count.session, expiresMs });
    this.#keep(command.fresh, terms);
    const { nonce: fresh, realm } = command.fresh;
    return { kind: 'challenged', nonce: fresh, realm, terms, count };
  }

  #stale(command: Presented, cause: Stale['cause'], terms: SessionTerms): Stale {
    this.#keep(command.fresh, terms);
    const { nonce, realm } = command.fresh;
    return { kind: 'stale', cause, nonce, realm, terms };
  }

  #keep(fresh: FreshNonce, terms: SessionTerms): void {
    this.#dropExpired();
    this.#nonces.set(fresh.nonce, {
      realm: fresh.realm,
      terms,
      expiresMs: this.#clock.nowMs() + fresh.lifetimeMs,
      count: 0,
      accepted: new Set(),
      refused: new Map(),
    });
  }

  #suspensionOf(terminal: string): Suspension | undefined {
    return this.#live(this.#terminals, terminal)?.suspension;
  }

  #live<T extends { readonly expiresMs: number }>(map: Map<string, T>, key: string): T | undefined {
    const kept = map.get(key);
    if (kept === undefined || kept.expiresMs > this.#clock.nowMs()) return kept;
    map.delete(key);
    return undefined;
  }

  /** The oldest entries stand first; looking at a few per nonce keeps the maps small. */
  #dropExpired(): void {
    const now = this.#clock.nowMs();
    for (const map of [this.#nonces, this.#terminals, this.#sessions]) {
      let looked = 0;
      for (const [key, kept] of map) {
        if (looked === 4) break;
        looked += 1;
        if (kept.expiresMs <= now) map.delete(key);
      }
    }
  }
}

function isWornOut(nonce: KeptNonce): boolean {
  return nonce.accepted.size + nonce.refused.size >= REQUESTS_PER_NONCE;
}

function suspend(
  command: RefuseCommand,
  terms: SessionTerms,
  { now, failures }: { readonly now: number; readonly failures: number },
): Suspension {
  return {
    terminal: command.terminal,
    sinceMs: now,
    untilMs: now + terms.suspendMs,
    failures,
    maxFailures: terms.maxFailures,
    cause: command.cause,
    lastSource: command.source,
  };
}
