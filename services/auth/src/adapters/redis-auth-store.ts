import { SwitchError } from '@tandem/domain';
import type { Precondition } from '@tandem/limits';
import { defineScript, type Redis, type RedisScript } from '@tandem/service';
import { encodeAttempt, type Attempt } from '../core/attempt.ts';
import { encodeTerms, type SessionTerms } from '../core/session-terms.ts';
import { elsewhereText, terminalText, type Terminal } from '../core/terminal.ts';
import type {
  AcceptCommand,
  AcceptResult,
  AuthStore,
  Blacklisted,
  BlacklistEntry,
  Gathered,
  GatheredFailure,
  IssueCommand,
  IssueResult,
  NewBlacklistEntry,
  NewFailure,
  Presented,
  RefuseCommand,
  RefuseResult,
  Suspension,
  UnansweredChallenge,
} from '../ports.ts';
import {
  acceptScript,
  addBlackScript,
  issueScript,
  liftBlackScript,
  liftScript,
  listBlacklistScript,
  listGatheredScript,
  listScript,
  refuseScript,
} from './auth-scripts.ts';
import {
  entryFrom,
  gatheredFrom,
  suspensionFrom,
  resultFrom,
  staleFrom,
  unansweredFrom,
} from './script-replies.ts';
import type { Reply } from './script-replies.ts';
import { concludeScript, gatherScript, lookScript, takeScript } from './unanswered-scripts.ts';

/** The store of all pods: one script per method, so one round trip each. */
export class RedisAuthStore implements AuthStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #issue: RedisScript;
  readonly #accept: RedisScript;
  readonly #refuse: RedisScript;
  readonly #look: RedisScript;
  readonly #take: RedisScript;
  readonly #conclude: RedisScript;
  readonly #gather: RedisScript;
  readonly #list: RedisScript;
  readonly #lift: RedisScript;
  readonly #listBlacklist: RedisScript;
  readonly #addBlack: RedisScript;
  readonly #liftBlack: RedisScript;
  readonly #listGathered: RedisScript;

  /** @param prefix first part of the keys; they are `{prefix}:auth:…`, all in the hash slot of the deployment */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = `{${prefix}}:auth:`;
    const define = (name: string, { lua, keys }: typeof issueScript): RedisScript =>
      defineScript(redis, lua, keys, { name });
    this.#issue = define('auth.issue', issueScript);
    this.#accept = define('auth.accept', acceptScript);
    this.#refuse = define('auth.refuse', refuseScript);
    this.#look = define('auth.look', lookScript);
    this.#take = define('auth.take', takeScript);
    this.#conclude = define('auth.conclude', concludeScript);
    this.#gather = define('auth.gather', gatherScript);
    this.#list = define('auth.list', listScript);
    this.#lift = define('auth.lift', liftScript);
    this.#listBlacklist = define('auth.list-blacklist', listBlacklistScript);
    this.#addBlack = define('auth.add-black', addBlackScript);
    this.#liftBlack = define('auth.lift-black', liftBlackScript);
    this.#listGathered = define('auth.list-gathered', listGatheredScript);
  }

  async issue(command: IssueCommand): Promise<IssueResult> {
    const keys = this.#keysOf(command);
    const reply = await run<Reply>(this.#issue, keys, argsOf(command));
    const result = resultFrom(command, reply);
    return result?.kind === 'suspended' || result?.kind === 'black-listed'
      ? result
      : { kind: 'issued' };
  }

  async accept(command: AcceptCommand): Promise<AcceptResult> {
    const { nonceCount, fingerprint, realm, abuse } = command;
    const reply = await run<Reply>(this.#accept, this.#keysOfPresented(command), [
      ...argsOf(command),
      nonceCount ?? '',
      fingerprint,
      realm,
      abuse.knownPlaceMs,
    ]);
    if (reply[0] === 'stale') return staleFrom(reply);
    const result = resultFrom(command, reply);
    return result === undefined || result.kind === 'challenged' ? { kind: 'accepted' } : result;
  }

  acceptance({ nonce, fingerprint }: AcceptCommand): Precondition {
    return { key: this.#nonceKey(nonce), field: `+${fingerprint}`, value: '1' };
  }

  async refuse(command: RefuseCommand): Promise<RefuseResult> {
    const { terminal, fingerprint, cause, source, abuse, explanation } = command;
    const keys = [
      ...this.#keysOfPresented(command),
      this.#key('suspensions'),
      this.#key(`source:${terminal.place}`),
      this.#key('blacklist'),
      this.#key('gathering'),
    ];
    const reply = await run<Reply>(this.#refuse, keys, [
      ...argsOf(command),
      fingerprint,
      terminalText(terminal),
      elsewhereText(terminal),
      cause,
      source,
      abuse.sourceMaxFailures,
      abuse.sourceWindowMs,
      abuse.blacklistMs,
      this.#prefix,
      terminal.user,
      explanation,
    ]);
    return resultFrom(command, reply) ?? staleFrom(reply);
  }

  async mayLook(): Promise<boolean> {
    return (await run<number>(this.#look, [this.#key('looked')], [])) === 1;
  }

  async takeUnanswered(): Promise<readonly UnansweredChallenge[]> {
    const replies = await run<readonly Reply[]>(this.#take, [this.#key('open')], []);
    return replies.map(unansweredFrom);
  }

  async conclude(session: string, failure: NewFailure): Promise<boolean> {
    const keys = [this.#key('open'), this.#key('gathering')];
    const args = [this.#prefix, session, ...failureArgs(failure)];
    return (await run<number>(this.#conclude, keys, args)) === 1;
  }

  async gather(
    failure: NewFailure,
    { isSpared }: { readonly isSpared: boolean },
  ): Promise<Gathered | Blacklisted> {
    const { place } = failure.terminal;
    const keys = [this.#key(`black:${place}`), this.#key('gathering')];
    const args = [this.#prefix, isSpared ? 1 : 0, ...failureArgs(failure)];
    const reply = await run<Reply>(this.#gather, keys, args);
    return reply[0] === 'gathered'
      ? { kind: 'gathered' }
      : { kind: 'black-listed', entry: entryFrom(place, reply), isNew: false };
  }

  async listSuspensions(): Promise<readonly Suspension[]> {
    const replies = await run<readonly Reply[]>(
      this.#list,
      [this.#key('suspensions')],
      [this.#key('terminal:')],
    );
    return replies.map((reply) => suspensionFrom(reply[0] ?? '', reply));
  }

  async liftSuspension(terminal: string): Promise<boolean> {
    const keys = [this.#key(`terminal:${terminal}`), this.#key('suspensions')];
    return (await run<number>(this.#lift, keys, [terminal])) === 1;
  }

  async listBlacklist(): Promise<readonly BlacklistEntry[]> {
    const replies = await run<readonly Reply[]>(
      this.#listBlacklist,
      [this.#key('blacklist')],
      [this.#key('black:')],
    );
    return replies.map((reply) => entryFrom(reply[0] ?? '', reply));
  }

  async addToBlacklist({ place, forMs, cause }: NewBlacklistEntry): Promise<void> {
    const keys = [this.#key(`black:${place}`), this.#key('blacklist')];
    await run<number>(this.#addBlack, keys, [place, forMs, cause]);
  }

  async liftFromBlacklist(place: string): Promise<boolean> {
    const keys = [
      this.#key(`black:${place}`),
      this.#key('blacklist'),
      this.#key(`source:${place}`),
    ];
    return (await run<number>(this.#liftBlack, keys, [place])) === 1;
  }

  async listFailures(): Promise<readonly GatheredFailure[]> {
    const replies = await run<readonly Reply[]>(
      this.#listGathered,
      [this.#key('gathering')],
      [this.#key('gathered:')],
    );
    return replies.map(gatheredFrom);
  }

  isReachable(): boolean {
    return this.#redis.status === 'ready';
  }

  #keysOf({ terminal, fresh }: IssueCommand): string[] {
    return [
      this.#key(`terminal:${terminalText(terminal)}`),
      this.#key(`terminal:${elsewhereText(terminal)}`),
      this.#key(`known:${terminalText(terminal)}`),
      this.#key(`black:${terminal.place}`),
      this.#nonceKey(fresh.nonce),
      this.#key('open'),
    ];
  }

  #keysOfPresented(command: Presented): string[] {
    const { nonce, session } = command;
    return [...this.#keysOf(command), this.#nonceKey(nonce), this.#key(`session:${session}`)];
  }

  #nonceKey(nonce: string): string {
    return this.#key(`nonce:${nonce}`);
  }

  #key(name: string): string {
    return `${this.#prefix}${name}`;
  }
}

/** What every script of a request begins with. */
function argsOf(command: IssueCommand): (string | number)[] {
  const { terminal, fresh, isSpared, session, attempt } = command;
  const { nonce, realm, terms, lifetimeMs } = fresh;
  return [
    nonce,
    realm,
    encodeTerms(terms),
    lifetimeMs,
    terminal.place,
    isSpared ? 1 : 0,
    session,
    toldOf(attempt, terminal, terms),
  ];
}

/** Until when an answer is waited for, the CSeq, that it is the first, why its nonce was not good, and what is told of it. */
function toldOf(attempt: Attempt, terminal: Terminal, { timeoutMs }: SessionTerms): string {
  const { atMs, cseq } = attempt;
  return `${String(atMs + timeoutMs)} ${String(cseq)} 1  ${encodeAttempt(attempt, terminal)}`;
}

/** What the scripts that gather a failure end with. */
function failureArgs({ terminal, cause, reason, decision }: NewFailure): string[] {
  const { user, place } = terminal;
  return [terminalText(terminal), user, place, cause, reason, JSON.stringify(decision)];
}

/** The scripts are ours: what they answer has the form that they were written with. */
async function run<T>(
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<T> {
  try {
    return (await script(keys, args)) as T;
  } catch (cause) {
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'the store of auth does not answer', {
      cause,
    });
  }
}
