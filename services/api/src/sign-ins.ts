import { createHash, randomBytes } from 'node:crypto';
import type { JournalFacts } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import { isPassword } from './adapters/password-hash.ts';
import type { LockOutLimits } from './core/operators/lock-out.ts';
import { mayAdminister } from './core/operators/operators.ts';
import type {
  FoundSession,
  FoundToken,
  Operator,
  OperatorStore,
  Session,
  SignInMethod,
} from './operator-ports.ts';

/** How operators sign in. */
export interface SignInSettings {
  /** A session ends after this time without a request, in ms. */
  readonly idleMs: number;
  /** A session ends after this time at the latest, in ms. */
  readonly sessionMs: number;
  /** Wrong passwords in a row after which a name is locked. */
  readonly failures: number;
  /** For how long, in ms. */
  readonly lockMs: number;
  /** Characters that a password must have. */
  readonly passwordLength: number;
}

const MINUTE_MS = 60_000;

/** What holds where nothing else is said. */
export const signInDefaults: SignInSettings = {
  idleMs: 60 * MINUTE_MS,
  sessionMs: 12 * 60 * MINUTE_MS,
  failures: 5,
  lockMs: 15 * MINUTE_MS,
  passwordLength: 12,
};

/** Several people may share an address; who guesses many names from one is stopped all the same. */
const FAILURES_OF_ADDRESS = 4;
const FORGET_MS = 24 * 60 * MINUTE_MS;
const LINK_MS = 15 * MINUTE_MS;
/** A session that is used all the time is written once in this time. */
const TOUCH_MS = MINUTE_MS;
/** Who administers a switch that nobody has administered yet. */
const FIRST = 'admin';

/** Where a request to sign in comes from. */
export interface SignInFrom {
  readonly address: string;
  readonly userAgent: string;
}

/** A session that has begun, and its two secrets, which are told this once. */
export interface StartedSession {
  readonly kind: 'signed-in';
  readonly operator: Operator;
  readonly session: Session;
  readonly secret: string;
  readonly csrf: string;
}

/** What becomes of a sign-in. */
export type SignInOutcome =
  StartedSession | { readonly kind: 'wrong' } | { readonly kind: 'locked'; readonly until: Date };

interface Parts {
  readonly store: OperatorStore;
  readonly settings: SignInSettings;
  readonly journal: Journal;
  readonly now: () => Date;
}

/** How operators sign in and stay so (OPS-12): passwords, links, sessions, tokens. All that lasts is in the store. */
export class SignIns {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get settings(): SignInSettings {
    return this.#parts.settings;
  }

  /** By name and password. The attempt is counted before the password is looked at. */
  async byPassword(name: string, password: string, from: SignInFrom): Promise<SignInOutcome> {
    const { now, store } = this.#parts;
    const subjects = this.#subjects(name, from);
    const until = await store.countAttempt(subjects, now());
    if (until !== undefined) {
      this.#refused(name, 'password', 'locked after too many wrong sign-ins', from);
      return { kind: 'locked', until };
    }
    const operator = await store.get(name);
    const isRight = await isPassword(password, operator?.password);
    if (operator === undefined || !isRight || operator.isDisabled) {
      const fault = operator === undefined ? 'nobody has this name' : isRight ? 'the operator is disabled' : 'wrong password'; // prettier-ignore
      this.#refused(name, 'password', fault, from);
      return { kind: 'wrong' };
    }
    await store.forgetFailures([nameSubject(name)]);
    // Who has a password must not wipe out his guesses at those of others.
    await store.forgiveAttempt(addressSubject(from));
    return this.begin(operator, 'password', from);
  }

  /** Counts that somebody who is signed in shows his password again. @returns whether he may not */
  async countConfirmation(name: string, address: string): Promise<boolean> {
    const { now, store } = this.#parts;
    const subjects = this.#subjects(name, { address, userAgent: '' });
    return (await store.countAttempt(subjects.slice(0, 1), now())) !== undefined;
  }

  /** By a link that is good once. */
  async byLink(code: string, from: SignInFrom): Promise<StartedSession | undefined> {
    const { now, store } = this.#parts;
    const operator = await store.takeLink(digest(code), now());
    if (operator !== undefined) return this.begin(operator, 'link', from);
    this.#refused('', 'link', 'the link was used, has expired, or is none', from);
    return undefined;
  }

  /** Begins a session of somebody who has shown who he is. */
  async begin(
    operator: Operator,
    method: SignInMethod,
    { address, userAgent }: SignInFrom,
  ): Promise<StartedSession> {
    const { journal, now, settings, store } = this.#parts;
    const since = now();
    const [secret, csrf] = [newSecret(), newSecret()];
    const session: Session = {
      id: randomBytes(12).toString('base64url'),
      operator: operator.name,
      method,
      address,
      userAgent: userAgent.slice(0, 300),
      since,
      lastSeen: since,
      expiresAt: new Date(since.getTime() + settings.sessionMs),
    };
    await store.begin({ ...session, hash: digest(secret), csrfHash: digest(csrf) });
    const facts: JournalFacts<'signed-in'> = { operator: operator.name, method };
    journal.note({ cause: 'signed-in', facts, sender: 'proved', ...about(address, userAgent) });
    return { kind: 'signed-in', operator, session, secret, csrf };
  }

  /** Whose session a cookie is of; undefined where it is none that lasts. Using it keeps it. */
  async session(secret: string): Promise<FoundSession | undefined> {
    const { now, settings, store } = this.#parts;
    const at = now();
    const found = await store.session(digest(secret), at, settings.idleMs);
    if (found === undefined) return undefined;
    if (at.getTime() - found.session.lastSeen.getTime() > TOUCH_MS) {
      await store.touch(found.session.id, at);
    }
    return found;
  }

  /** Whether a session still lasts. It is not kept by asking. */
  async isAlive(secret: string): Promise<boolean> {
    const { now, settings, store } = this.#parts;
    return (await store.session(digest(secret), now(), settings.idleMs)) !== undefined;
  }

  /** Whose token it is; undefined where it is none that lasts. */
  async token(secret: string): Promise<FoundToken | undefined> {
    const { now, store } = this.#parts;
    const at = now();
    const found = await store.token(digest(secret), at);
    const last = found?.token.lastUsed?.getTime() ?? 0;
    if (found !== undefined && at.getTime() - last > TOUCH_MS) await store.useToken(found.token.id, at); // prettier-ignore
    return found;
  }

  /** A link by which an operator signs in once. @returns undefined where there is none of that name */
  async createLink(name: string): Promise<{ code: string; expiresAt: Date } | undefined> {
    const { now, store } = this.#parts;
    const operator = await store.get(name);
    if (operator === undefined) return undefined;
    const code = newSecret();
    const expiresAt = new Date(now().getTime() + LINK_MS);
    await store.createLink({ hash: digest(code), operator: name, expiresAt });
    return { code, expiresAt };
  }

  /** The same for whoever administers; where nobody does yet there is an `admin` then, without a password. */
  async createFirstLink(): Promise<{ name: string; code: string } | undefined> {
    const { now, store } = this.#parts;
    const operators = await store.list();
    if (operators.length === 0) {
      await store.create({
        name: FIRST,
        displayName: 'Administrator',
        role: 'administrator',
        email: '',
        password: undefined,
        mustChangePassword: false,
        isDisabled: false,
        openIdSubject: undefined,
        createdAt: now(),
        lastSignIn: undefined,
      });
    }
    const known = (await store.list()).filter(mayAdminister);
    const first = known.find(({ name }) => name === FIRST) ?? known[0];
    if (first === undefined) return undefined;
    const link = await this.createLink(first.name);
    return link && { name: first.name, code: link.code };
  }

  /** Tells the journal of a sign-in that was refused. @param name as it was written; '': none was */
  refused(name: string, method: SignInMethod, fault: string, from: SignInFrom): void {
    this.#refused(name, method, fault, from);
  }

  #refused(name: string, method: SignInMethod, fault: string, from: SignInFrom): void {
    const facts: JournalFacts<'sign-in-refused'> = { operator: name.slice(0, 64), method, fault };
    const { journal } = this.#parts;
    const place = about(from.address, from.userAgent);
    journal.note({ cause: 'sign-in-refused', facts, sender: 'unknown', ...place });
  }

  #subjects(name: string, { address }: SignInFrom) {
    const { failures, lockMs } = this.#parts.settings;
    const limits: LockOutLimits = { failures, lockMs, forgetMs: FORGET_MS };
    return [
      { subject: nameSubject(name), limits },
      {
        subject: addressSubject({ address }),
        limits: { ...limits, failures: failures * FAILURES_OF_ADDRESS },
      },
    ];
  }
}

/** What failures of a name are counted under: of one that is very long its beginning and its hash. */
export function nameSubject(name: string): string {
  return name.length <= 64 ? `name ${name}` : `name ${name.slice(0, 16)} ${digest(name).toString('base64url')}`; // prettier-ignore
}

function addressSubject({ address }: Pick<SignInFrom, 'address'>): string {
  return `address ${address}`;
}

/** A new secret of 256 bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret that nobody can guess. */
export function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function about(address: string, userAgent: string) {
  const source = address.includes(':') ? `[${address}]:0` : `${address}:0`;
  return { terminal: '', account: '', source, userAgent: userAgent.slice(0, 300) };
}
