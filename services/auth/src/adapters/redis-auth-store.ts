import { SwitchError } from '@tandem/domain';
import type { Precondition } from '@tandem/limits';
import { defineScript, type Redis, type RedisScript } from '@tandem/service';
import { decodeTerms, encodeTerms } from '../core/session-terms.ts';
import type {
  AcceptCommand,
  AcceptResult,
  AuthStore,
  FreshNonce,
  IssueCommand,
  IssueResult,
  RefuseCommand,
  RefuseResult,
  Stale,
  Suspension,
} from '../ports.ts';
import { acceptScript, issueScript, liftScript, listScript, refuseScript } from './auth-scripts.ts';

/** A script's reply: the kind of result, then its values in the script's order. */
type Reply = readonly string[];

/** The store of all pods: one script per method, so one round trip each. */
export class RedisAuthStore implements AuthStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #issue: RedisScript;
  readonly #accept: RedisScript;
  readonly #refuse: RedisScript;
  readonly #list: RedisScript;
  readonly #lift: RedisScript;

  /** @param prefix first part of the keys; they are `{prefix}:auth:…`, all in the hash slot of the deployment */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = `{${prefix}}:auth:`;
    const define = (name: string, { lua, keys }: typeof issueScript): RedisScript =>
      defineScript(redis, lua, keys, { name });
    this.#issue = define('auth.issue', issueScript);
    this.#accept = define('auth.accept', acceptScript);
    this.#refuse = define('auth.refuse', refuseScript);
    this.#list = define('auth.list', listScript);
    this.#lift = define('auth.lift', liftScript);
  }

  async issue({ terminal, fresh }: IssueCommand): Promise<IssueResult> {
    const keys = [this.#terminalKey(terminal), this.#nonceKey(fresh.nonce)];
    const args = [fresh.realm, encodeTerms(fresh.terms), fresh.lifetimeMs];
    const reply = await run<Reply>(this.#issue, keys, args);
    return reply[0] === 'suspended'
      ? { kind: 'suspended', suspension: suspensionFrom(terminal, reply) }
      : { kind: 'issued' };
  }

  async accept(command: AcceptCommand): Promise<AcceptResult> {
    const { terminal, nonceCount, fingerprint, realm } = command;
    const reply = await run<Reply>(this.#accept, this.#keysOf(command), [
      nonceCount ?? '',
      fingerprint,
      realm,
      ...freshArgs(command.fresh),
    ]);
    if (reply[0] === 'accepted') return { kind: 'accepted' };
    if (reply[0] === 'stale') return staleFrom(reply);
    return { kind: 'suspended', suspension: suspensionFrom(terminal, reply) };
  }

  acceptance({ nonce, fingerprint }: AcceptCommand): Precondition {
    return { key: this.#nonceKey(nonce), field: `+${fingerprint}`, value: '1' };
  }

  async refuse(command: RefuseCommand): Promise<RefuseResult> {
    const { terminal, fingerprint, cause, source } = command;
    const keys = [...this.#keysOf(command), this.#suspensionsKey()];
    const reply = await run<Reply>(this.#refuse, keys, [
      fingerprint,
      ...freshArgs(command.fresh),
      terminal,
      cause,
      source,
    ]);
    if (reply[0] === 'stale') return staleFrom(reply);
    return refusalFrom(terminal, reply);
  }

  async listSuspensions(): Promise<readonly Suspension[]> {
    const terminals = this.#terminalKey('');
    const replies = await run<readonly Reply[]>(this.#list, [this.#suspensionsKey()], [terminals]);
    return replies.map((reply) => suspensionFrom(reply[0] ?? '', reply));
  }

  async liftSuspension(terminal: string): Promise<boolean> {
    const keys = [this.#terminalKey(terminal), this.#suspensionsKey()];
    return (await run<number>(this.#lift, keys, [terminal])) === 1;
  }

  isReachable(): boolean {
    return this.#redis.status === 'ready';
  }

  #keysOf(command: AcceptCommand | RefuseCommand): string[] {
    return [
      this.#nonceKey(command.nonce),
      this.#terminalKey(command.terminal),
      `${this.#prefix}session:${command.session}`,
      this.#nonceKey(command.fresh.nonce),
    ];
  }

  #nonceKey(nonce: string): string {
    return `${this.#prefix}nonce:${nonce}`;
  }

  #terminalKey(terminal: string): string {
    return `${this.#prefix}terminal:${terminal}`;
  }

  #suspensionsKey(): string {
    return `${this.#prefix}suspensions`;
  }
}

function freshArgs({ nonce, realm, terms, lifetimeMs }: FreshNonce): (string | number)[] {
  return [nonce, realm, encodeTerms(terms), lifetimeMs];
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

function staleFrom([, cause, nonce = '', realm = '', terms = '']: Reply): Stale {
  return {
    kind: 'stale',
    cause: cause === 'replayed' ? 'replayed' : 'unknown-nonce',
    nonce,
    realm,
    terms: decodeTerms(terms),
  };
}

function refusalFrom(terminal: string, reply: Reply): RefuseResult {
  const [kind, second = '', third = '', fourth = '', fifth = '', sixth = ''] = reply;
  if (kind === 'challenged') {
    const count = { session: Number(fifth), terminal: Number(sixth) };
    return { kind, nonce: second, realm: third, terms: decodeTerms(fourth), count };
  }
  if (kind === 'ended') {
    const count = { session: Number(fourth), terminal: Number(fifth) };
    const limit = second === 'timeout' ? 'timeout' : 'retry';
    return { kind, limit, terms: decodeTerms(third), count };
  }
  return { kind: 'suspended', suspension: suspensionFrom(terminal, reply) };
}

function suspensionFrom(terminal: string, reply: Reply): Suspension {
  const [, since, until, failures, limit, cause = '', lastSource = ''] = reply;
  return {
    terminal,
    sinceMs: Number(since),
    untilMs: Number(until),
    failures: Number(failures),
    maxFailures: Number(limit),
    cause,
    lastSource,
  };
}
