import type { LockOutLimits } from './core/operators/lock-out.ts';
import type { Role } from './core/operators/roles.ts';

/** How somebody has shown who he is. */
export const signInMethods = ['password', 'link', 'openid', 'token', 'token-file'] as const;

export type SignInMethod = (typeof signInMethods)[number];

/** Somebody who operates the switch. */
export interface Operator {
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly email: string;
  /** PHC text; undefined: signs in by other ways alone. Never leaves the process. */
  readonly password: string | undefined;
  readonly mustChangePassword: boolean;
  readonly isDisabled: boolean;
  /** The "sub" of the OpenID provider. */
  readonly openIdSubject: string | undefined;
  readonly createdAt: Date;
  readonly lastSignIn: Date | undefined;
}

/** What becomes of an operator. */
export type OperatorChange =
  | { readonly kind: 'changed'; readonly before: Operator; readonly after: Operator }
  | { readonly kind: 'no-such-operator' }
  | { readonly kind: 'stale' }
  /** Nobody would be left who may administer. */
  | { readonly kind: 'last-administrator' };

/** A session, without its secrets. */
export interface Session {
  readonly id: string;
  readonly operator: string;
  readonly method: SignInMethod;
  readonly address: string;
  readonly userAgent: string;
  readonly since: Date;
  readonly lastSeen: Date;
  readonly expiresAt: Date;
}

/** A session that begins; of its secrets SHA-256. */
export interface NewSession extends Session {
  readonly hash: Buffer;
  readonly csrfHash: Buffer;
}

/** Whose session a cookie is of. */
export interface FoundSession {
  readonly session: Session;
  readonly csrfHash: Buffer;
  readonly operator: Operator;
}

/** A token of the API, without its secret. */
export interface ApiToken {
  readonly id: string;
  readonly operator: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsed: Date | undefined;
}

/** Whose token a secret is. */
export interface FoundToken {
  readonly token: ApiToken;
  readonly operator: Operator;
}

/** What an attempt to sign in is counted for. */
interface CountedSubject {
  /** `name NAME`, `address ADDRESS`. */
  readonly subject: string;
  readonly limits: LockOutLimits;
}

/** Operators, their sessions and tokens. All pods share it: any of them takes any request. */
export interface OperatorStore {
  list(): Promise<Operator[]>;
  get(name: string): Promise<Operator | undefined>;
  withOpenIdSubject(subject: string): Promise<Operator | undefined>;
  /** @returns false where the name, or the subject of OpenID, is another one's */
  create(operator: Operator): Promise<boolean>;
  /** Changes one in a transaction. @param change undefined where what was read is no longer so */
  change(
    name: string,
    change: (before: Operator) => Operator | undefined,
  ): Promise<OperatorChange | { readonly kind: 'taken' }>;
  /** Removes one with sessions and tokens. @param isStill false where what was read is no longer so */
  remove(name: string, isStill: (before: Operator) => boolean): Promise<OperatorChange>;

  /** Counts an attempt for each; until when it is locked, where one of them is. */
  countAttempt(subjects: readonly CountedSubject[], now: Date): Promise<Date | undefined>;
  forgetFailures(subjects: readonly string[]): Promise<void>;
  /** Takes one attempt back that was right: others of the same address still count. */
  forgiveAttempt(subject: string): Promise<void>;
  lockedUntil(subject: string, now: Date): Promise<Date | undefined>;

  /** Keeps a session, and when its operator has signed in. */
  begin(session: NewSession): Promise<void>;
  /** Whose session it is; one that has expired, by itself or by `idleMs`, is none. */
  session(hash: Buffer, now: Date, idleMs: number): Promise<FoundSession | undefined>;
  /** Notes that a session is used. */
  touch(id: string, now: Date): Promise<void>;
  sessions(now: Date, idleMs: number): Promise<Session[]>;
  endSession(id: string): Promise<void>;
  /** All of an operator, but for one. */
  endSessionsOf(operator: string, butFor?: string): Promise<void>;

  createToken(token: ApiToken, hash: Buffer): Promise<void>;
  token(hash: Buffer, now: Date): Promise<FoundToken | undefined>;
  useToken(id: string, now: Date): Promise<void>;
  tokens(): Promise<ApiToken[]>;
  revokeToken(id: string): Promise<void>;

  createLink(link: { hash: Buffer; operator: string; expiresAt: Date }): Promise<void>;
  /** Takes a link away; whose it was, where it was still good. */
  takeLink(hash: Buffer, now: Date): Promise<Operator | undefined>;

  /** Removes what has expired. */
  sweep(now: Date, idleMs: number): Promise<void>;
}

/** How a change came out. */
export const auditOutcomes = ['begun', 'done', 'refused', 'failed'] as const;

export type AuditOutcome = (typeof auditOutcomes)[number];

/** What somebody does, before it is done. */
export interface AuditBegin {
  readonly at: Date;
  /** Name of the operator; of a sign-in that failed, the name that was written. */
  readonly operator: string;
  readonly role: string;
  readonly method: string;
  /** Where the request came from. */
  readonly address: string;
  /** Id of the operation in the description. */
  readonly operation: string;
  /** What was changed: the path, without the query. */
  readonly subject: string;
  readonly before: string | undefined;
  readonly note: string;
}

/** What became of it. */
interface AuditEnd {
  readonly outcome: AuditOutcome;
  /** HTTP. */
  readonly status: number;
  readonly after: string | undefined;
}

/** One entry of the audit log. */
export interface AuditEntry extends AuditBegin, AuditEnd {
  readonly id: bigint;
}

/** Which entries; what is '' or 0 does not restrict. */
export interface AuditQuery {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly user: string;
  readonly operation: string;
  /** Anywhere in the subject. */
  readonly subject: string;
  readonly outcome: '' | AuditOutcome;
  readonly limit: number;
  /** Entries with a lower id. */
  readonly before: bigint | undefined;
}

/**
 * The audit log (OPS-12): what is to be done is written before it is done, and what became of it after, so that a pod that is killed in the middle
 * leaves an entry all the same.
 */
export interface AuditStore {
  begin(entry: AuditBegin): Promise<bigint>;
  end(id: bigint, end: AuditEnd): Promise<void>;
  list(query: AuditQuery): Promise<AuditEntry[]>;
}
