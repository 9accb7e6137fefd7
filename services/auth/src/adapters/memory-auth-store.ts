import { BURST_MS, MOST_RECORDED } from '../core/limits.ts';
import { REQUESTS_PER_NONCE } from '../core/nonce-use.ts';
import type { SessionTerms } from '../core/session-terms.ts';
import { elsewhereText, terminalText } from '../core/terminal.ts';
import type {
  AcceptCommand,
  AcceptResult,
  AuthStore,
  Blacklisted,
  BlacklistEntry,
  Clock,
  Ended,
  Gathered,
  GatheredFailure,
  IssueCommand,
  IssueResult,
  NewBlacklistEntry,
  NewFailure,
  Presented,
  RefuseCommand,
  RefuseResult,
  Stale,
  Suspended,
  Suspension,
  UnansweredChallenge,
} from '../ports.ts';
import { MemoryBlacklist } from './memory-blacklist.ts';
import { MemoryFailures } from './memory-failures.ts';
import { MemoryOpenChallenges } from './memory-open-challenges.ts';

interface KeptNonce {
  readonly realm: string;
  readonly terms: SessionTerms;
  /** That it was given to. */
  readonly place: string;
  readonly expiresMs: number;
  /** The highest nonce count taken; Infinity after a use without qop. */
  count: number;
  readonly accepted: Set<string>;
  readonly refused: Map<string, RefuseResult>;
}

interface KeptTerminal {
  failures: number;
  expiresMs: number;
  /** Refusals with a CDR. */
  told: number;
  /** The session that failed last. */
  burst?: { readonly session: string; readonly atMs: number; ended?: number };
  suspension?: Suspension;
}

interface Failing {
  readonly terminal: KeptTerminal;
  readonly terms: SessionTerms;
  readonly now: number;
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
  readonly #blacklist: MemoryBlacklist;
  readonly #gathered: MemoryFailures;
  readonly #open: MemoryOpenChallenges;
  readonly #nonces = new Map<string, KeptNonce>();
  /** Of user names at a place, and of those at any other place. */
  readonly #terminals = new Map<string, KeptTerminal>();
  /** Places where a user name has proved itself. */
  readonly #known = new Map<string, { readonly expiresMs: number }>();
  readonly #sessions = new Map<string, KeptSession>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#blacklist = new MemoryBlacklist(clock);
    this.#gathered = new MemoryFailures(clock);
    this.#open = new MemoryOpenChallenges(clock);
  }

  issue(command: IssueCommand): Promise<IssueResult> {
    const refused = this.#blackOf(command) ?? this.#suspendedHere(command);
    if (refused !== undefined) return Promise.resolve(refused);
    this.#keep(command, command.fresh.terms);
    this.#await(command);
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

  mayLook(): Promise<boolean> {
    return Promise.resolve(true);
  }

  takeUnanswered(): Promise<readonly UnansweredChallenge[]> {
    return Promise.resolve(this.#open.take());
  }

  conclude(session: string, failure: NewFailure): Promise<boolean> {
    const isOpen = this.#open.end(session);
    if (isOpen) this.#gathered.gather(failure);
    return Promise.resolve(isOpen);
  }

  gather(
    failure: NewFailure,
    { isSpared }: { readonly isSpared: boolean },
  ): Promise<Gathered | Blacklisted> {
    const black = this.#blackOf({ terminal: failure.terminal, isSpared });
    if (black === undefined) this.#gathered.gather(failure);
    return Promise.resolve(black ?? { kind: 'gathered' });
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

  listBlacklist(): Promise<readonly BlacklistEntry[]> {
    return Promise.resolve(this.#blacklist.list());
  }

  addToBlacklist(entry: NewBlacklistEntry): Promise<void> {
    this.#blacklist.add(entry);
    return Promise.resolve();
  }

  liftFromBlacklist(place: string): Promise<boolean> {
    return Promise.resolve(this.#blacklist.lift(place));
  }

  listFailures(): Promise<readonly GatheredFailure[]> {
    return Promise.resolve(this.#gathered.list());
  }

  isReachable(): boolean {
    return true;
  }

  #accept(command: AcceptCommand): AcceptResult {
    const { session, fingerprint, nonceCount, abuse } = command;
    const terminal = terminalText(command.terminal);
    const nonce = this.#live(this.#nonces, command.nonce);
    if (nonce?.accepted.has(fingerprint) === true) return { kind: 'accepted' };
    const refused = this.#blackOf(command) ?? this.#suspendedHere(command);
    if (refused !== undefined) return refused;
    const notGood = whyNotGood(nonce, command, command.realm);
    if (nonce === undefined || notGood !== undefined) {
      return this.#stale(command, notGood ?? 'unknown-nonce', command.fresh.terms);
    }
    const ended = this.#endedBurst(command, nonce.terms);
    if (ended !== undefined) return ended;
    const isReplayed = nonceCount === undefined ? nonce.count > 0 : nonceCount <= nonce.count;
    if (isReplayed) return this.#stale(command, 'replayed', nonce.terms);
    nonce.count = nonceCount ?? Infinity;
    nonce.accepted.add(fingerprint);
    this.#terminals.delete(terminal);
    this.#sessions.delete(session);
    this.#open.answered(session);
    const now = this.#clock.nowMs();
    const knownUntilMs = this.#live(this.#known, terminal)?.expiresMs ?? 0;
    if (knownUntilMs - now < abuse.knownPlaceMs / 2) {
      this.#known.set(terminal, { expiresMs: now + abuse.knownPlaceMs });
    }
    return { kind: 'accepted' };
  }

  #refuse(command: RefuseCommand): RefuseResult {
    const nonce = this.#live(this.#nonces, command.nonce);
    const before = nonce?.refused.get(command.fingerprint);
    if (before !== undefined) return before;
    const black = this.#blackOf(command);
    if (black !== undefined) return black;
    const suspended = this.#suspendedHere(command);
    if (suspended !== undefined) {
      return this.#answer(command, this.#countSource(command) ?? suspended);
    }
    const notGood = whyNotGood(nonce, command);
    if (nonce === undefined || notGood !== undefined) {
      return this.#stale(command, notGood ?? 'unknown-nonce', command.fresh.terms);
    }
    // An answer, if a wrong one: it is gathered as such.
    this.#open.answered(command.session);
    const ended = this.#endedBurst(command, nonce.terms);
    if (ended !== undefined) return this.#answer(command, this.#countSource(command) ?? ended);
    return this.#answer(command, this.#count(command, nonce));
  }

  #count(command: RefuseCommand, nonce: KeptNonce): RefuseResult {
    const now = this.#clock.nowMs();
    const session = this.#live(this.#sessions, command.session);
    const terms = session?.terms ?? nonce.terms;
    const terminal = this.#failed(terminalText(command.terminal), terms);
    const isSameBurst = isWithin(terminal.burst, command.session, now);
    const black = isSameBurst ? undefined : this.#countBurst(command, { terminal, terms, now });
    const refused = black ?? this.#suspendedHere(command);
    if (refused !== undefined) {
      this.#sessions.delete(command.session);
      return refused;
    }
    const count = { session: (session?.failures ?? 0) + 1, terminal: terminal.failures };
    const firstMs = session?.firstMs ?? now;
    // AUTH-06: whichever limit is reached first.
    const isLate = now - firstMs > terms.timeoutMs;
    if (isLate || count.session > terms.retryLimit) {
      this.#sessions.delete(command.session);
      if (!isLate && terminal.burst !== undefined) terminal.burst.ended = count.session;
      const isRecorded = this.#isRecorded(command);
      return { kind: 'ended', limit: isLate ? 'timeout' : 'retry', terms, count, isRecorded };
    }
    const expiresMs = now + terms.timeoutMs + command.fresh.lifetimeMs;
    this.#sessions.set(command.session, { terms, firstMs, failures: count.session, expiresMs });
    this.#keep(command, terms);
    const { nonce: fresh, realm } = command.fresh;
    return { kind: 'challenged', nonce: fresh, realm, terms, count };
  }

  /** AUTH-07: what a session answers at once is one failure, of the terminal, the user name and the source. */
  #countBurst(command: RefuseCommand, { terminal, terms, now }: Failing): Blacklisted | undefined {
    terminal.failures += 1;
    terminal.burst = { session: command.session, atMs: now };
    const black = this.#countSource(command);
    const isKnown = this.#isKnown(command);
    const elsewhere = isKnown ? undefined : this.#failed(elsewhereText(command.terminal), terms);
    if (elsewhere !== undefined) elsewhere.failures += 1;
    // 0 never suspends.
    if (reaches(terminal.failures, terms.maxFailures)) {
      suspend(terminal, command, { now, terms, name: terminalText(command.terminal) });
    } else if (elsewhere !== undefined && reaches(elsewhere.failures, terms.userMaxFailures)) {
      const ofUser = { ...terms, maxFailures: terms.userMaxFailures };
      suspend(elsewhere, command, { now, terms: ofUser, name: elsewhereText(command.terminal) });
    }
    return black;
  }

  /** Gathers it, and keeps it for who asks the same again. */
  #answer(command: RefuseCommand, result: RefuseResult): RefuseResult {
    const isSuspended = result.kind === 'suspended' || result.kind === 'black-listed';
    const reason = isSuspended ? 'Suspended' : 'AuthenticationFailed';
    const { terminal, cause, explanation } = command;
    this.#gathered.gather({ terminal, cause, explanation, reason });
    const nonce = this.#live(this.#nonces, command.nonce);
    if (isOf(nonce, command) && !isWornOut(nonce)) nonce.refused.set(command.fingerprint, result);
    return result;
  }

  /** A terminal that has failed, for as long as a suspension from now on. */
  #failed(name: string, { suspendMs }: SessionTerms): KeptTerminal {
    const before = this.#live(this.#terminals, name);
    const terminal = before ?? { failures: 0, told: 0, expiresMs: 0 };
    terminal.expiresMs = this.#clock.nowMs() + suspendMs;
    this.#terminals.set(name, terminal);
    return terminal;
  }

  /** AUTH-08: counted once the nonce shows that the source is its own. */
  #countSource(command: RefuseCommand): Blacklisted | undefined {
    const nonce = this.#live(this.#nonces, command.nonce);
    if (command.isSpared || !isOf(nonce, command)) return undefined;
    const entry = this.#blacklist.count(command, command.abuse);
    return entry === undefined ? undefined : { kind: 'black-listed', entry, isNew: true };
  }

  #blackOf({
    terminal,
    isSpared,
  }: Pick<IssueCommand, 'terminal' | 'isSpared'>): Blacklisted | undefined {
    const entry = isSpared ? undefined : this.#blacklist.find(terminal.place);
    return entry === undefined ? undefined : { kind: 'black-listed', entry, isNew: false };
  }

  /** Suspended at this place; or everywhere else, and this place is not known. */
  #suspendedHere(command: IssueCommand): Suspended | undefined {
    const here = this.#suspensionOf(terminalText(command.terminal));
    if (here !== undefined) {
      return { kind: 'suspended', suspension: here, isRecorded: this.#isRecorded(command) };
    }
    const elsewhere = this.#suspensionOf(elsewhereText(command.terminal));
    if (elsewhere === undefined || this.#isKnown(command)) return undefined;
    return { kind: 'suspended', suspension: elsewhere, isRecorded: false };
  }

  #endedBurst(command: Presented, terms: SessionTerms): Ended | undefined {
    const { burst, failures = 0 } =
      this.#live(this.#terminals, terminalText(command.terminal)) ?? {};
    if (burst?.ended === undefined) return undefined;
    if (!isWithin(burst, command.session, this.#clock.nowMs())) return undefined;
    const count = { session: burst.ended, terminal: failures };
    const isRecorded = this.#isRecorded(command);
    return { kind: 'ended', limit: 'retry', terms, count, isRecorded };
  }

  #isKnown({ terminal }: IssueCommand): boolean {
    return this.#live(this.#known, terminalText(terminal)) !== undefined;
  }

  #isRecorded(command: IssueCommand): boolean {
    const terminal = this.#live(this.#terminals, terminalText(command.terminal));
    if (terminal === undefined || !this.#isKnown(command)) return false;
    terminal.told += 1;
    return terminal.told <= MOST_RECORDED;
  }

  #stale(command: Presented, cause: Stale['cause'], terms: SessionTerms): Stale {
    this.#keep(command, terms);
    this.#await(command, cause);
    const { nonce, realm } = command.fresh;
    return { kind: 'stale', cause, nonce, realm, terms };
  }

  #await(command: IssueCommand, stale?: Stale['cause']): void {
    const { session, attempt, terminal, fresh } = command;
    this.#open.add({ session, attempt, terminal, stale }, fresh.terms.timeoutMs);
  }

  #keep({ fresh, terminal }: IssueCommand, terms: SessionTerms): void {
    this.#dropExpired();
    this.#nonces.set(fresh.nonce, {
      realm: fresh.realm,
      terms,
      place: terminal.place,
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
    this.#blacklist.dropExpired();
    for (const map of [this.#nonces, this.#terminals, this.#sessions, this.#known]) {
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

/** AUTH-04: why a nonce is not good, if it is not. */
function whyNotGood(
  nonce: KeptNonce | undefined,
  command: Presented,
  realm = nonce?.realm,
): Stale['cause'] | undefined {
  if (nonce === undefined) return 'unknown-nonce';
  if (nonce.realm !== realm) return 'other-realm';
  if (!isOf(nonce, command)) return 'other-place';
  return isWornOut(nonce) ? 'worn-out' : undefined;
}

/** Whoever names another source than its own has no nonce of there. */
function isOf(nonce: KeptNonce | undefined, { terminal }: Presented): nonce is KeptNonce {
  return nonce?.place === terminal.place;
}

function isWithin(burst: KeptTerminal['burst'], session: string, now: number): boolean {
  return burst?.session === session && now - burst.atMs < BURST_MS;
}

function reaches(count: number, most: number): boolean {
  return most > 0 && count >= most;
}

function suspend(
  kept: KeptTerminal,
  { cause, explanation, source }: RefuseCommand,
  {
    now,
    terms,
    name,
  }: { readonly now: number; readonly terms: SessionTerms; readonly name: string },
): void {
  kept.suspension = {
    terminal: name,
    sinceMs: now,
    untilMs: now + terms.suspendMs,
    failures: kept.failures,
    maxFailures: terms.maxFailures,
    cause,
    explanation,
    lastSource: source,
  };
}
