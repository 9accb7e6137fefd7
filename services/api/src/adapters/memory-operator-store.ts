import { countAttempt, type FailureRecord } from '../core/operators/lock-out.ts';
import { mayAdminister } from '../core/operators/operators.ts';
import type { ApiToken, NewSession, Operator, OperatorStore, Session } from '../operator-ports.ts';

/** Operators in memory, for tests. */
export function memoryOperatorStore(): OperatorStore {
  const operators = new Map<string, Operator>();
  const failures = new Map<string, FailureRecord>();
  const sessions = new Map<string, NewSession>();
  const tokens = new Map<string, ApiToken & { readonly hash: Buffer }>();
  const links = new Map<string, { readonly operator: string; readonly expiresAt: Date }>();

  const isTaken = ({ name, openIdSubject }: Operator): boolean =>
    openIdSubject !== undefined &&
    [...operators.values()].some(
      (other) => other.name !== name && other.openIdSubject === openIdSubject,
    );
  const leavesNobody = (before: Operator, after: Operator | undefined): boolean =>
    mayAdminister(before) &&
    (after === undefined || !mayAdminister(after)) &&
    ![...operators.values()].some((other) => other.name !== before.name && mayAdminister(other));
  const active = (name: string): Operator | undefined => {
    const operator = operators.get(name);
    return operator?.isDisabled === true ? undefined : operator;
  };
  const isAlive = (session: Session, now: Date, idleMs: number): boolean =>
    session.expiresAt > now && session.lastSeen.getTime() > now.getTime() - idleMs;

  return {
    list: () => Promise.resolve([...operators.values()].sort((a, b) => (a.name < b.name ? -1 : 1))),
    get: (name) => Promise.resolve(operators.get(name)),
    withOpenIdSubject: (subject) =>
      Promise.resolve([...operators.values()].find((each) => each.openIdSubject === subject)),
    create: (operator) => {
      if (operators.has(operator.name) || isTaken(operator)) return Promise.resolve(false);
      operators.set(operator.name, operator);
      return Promise.resolve(true);
    },
    change: (name, change) => {
      const before = operators.get(name);
      if (before === undefined) return Promise.resolve({ kind: 'no-such-operator' });
      const after = change(before);
      if (after === undefined) return Promise.resolve({ kind: 'stale' });
      if (isTaken(after)) return Promise.resolve({ kind: 'taken' });
      if (leavesNobody(before, after)) return Promise.resolve({ kind: 'last-administrator' });
      operators.set(name, after);
      return Promise.resolve({ kind: 'changed', before, after });
    },
    remove: (name, isStill) => {
      const before = operators.get(name);
      if (before === undefined) return Promise.resolve({ kind: 'no-such-operator' });
      if (!isStill(before)) return Promise.resolve({ kind: 'stale' });
      if (leavesNobody(before, undefined)) return Promise.resolve({ kind: 'last-administrator' });
      operators.delete(name);
      for (const [key, { operator }] of sessions) if (operator === name) sessions.delete(key);
      for (const [key, { operator }] of tokens) if (operator === name) tokens.delete(key);
      for (const [key, { operator }] of links) if (operator === name) links.delete(key);
      return Promise.resolve({ kind: 'changed', before, after: before });
    },

    countAttempt: (subjects, now) => {
      const until: number[] = [];
      for (const { limits, subject } of subjects) {
        const decision = countAttempt(failures.get(subject), now.getTime(), limits);
        failures.set(subject, decision.record);
        if (decision.lockedUntilMs !== undefined) until.push(decision.lockedUntilMs);
      }
      return Promise.resolve(until.length === 0 ? undefined : new Date(Math.max(...until)));
    },
    forgetFailures: (subjects) => {
      for (const subject of subjects) failures.delete(subject);
      return Promise.resolve();
    },
    forgiveAttempt: (subject) => {
      const known = failures.get(subject);
      if (known !== undefined) {
        const left = Math.max(known.failures - 1, 0);
        failures.set(subject, { ...known, failures: left, lockedUntilMs: undefined });
      }
      return Promise.resolve();
    },
    lockedUntil: (subject, now) => {
      const until = failures.get(subject)?.lockedUntilMs;
      const isLocked = until !== undefined && until > now.getTime();
      return Promise.resolve(isLocked ? new Date(until) : undefined);
    },

    begin: (session) => {
      sessions.set(session.id, session);
      const operator = operators.get(session.operator);
      if (operator !== undefined) {
        operators.set(operator.name, { ...operator, lastSignIn: session.since });
      }
      return Promise.resolve();
    },
    session: (hash, now, idleMs) => {
      const found = [...sessions.values()].find((each) => each.hash.equals(hash));
      const operator = found && active(found.operator);
      if (operator === undefined || found === undefined || !isAlive(found, now, idleMs))
        return Promise.resolve(undefined);
      return Promise.resolve({ session: withoutHash(found), csrfHash: found.csrfHash, operator });
    },
    touch: (id, now) => {
      const session = sessions.get(id);
      if (session !== undefined) sessions.set(id, { ...session, lastSeen: now });
      return Promise.resolve();
    },
    sessions: (now, idleMs) => {
      const alive = [...sessions.values()].filter((each) => isAlive(each, now, idleMs));
      const newestFirst = alive.sort(
        (a, b) => b.since.getTime() - a.since.getTime() || (a.id < b.id ? -1 : 1),
      );
      return Promise.resolve(newestFirst.map(withoutHash));
    },
    endSession: (id) => {
      sessions.delete(id);
      return Promise.resolve();
    },
    endSessionsOf: (operator, butFor) => {
      for (const [id, session] of sessions) {
        if (session.operator === operator && id !== butFor) sessions.delete(id);
      }
      return Promise.resolve();
    },

    createToken: (token, hash) => {
      tokens.set(token.id, { ...token, hash });
      return Promise.resolve();
    },
    token: (hash, now) => {
      const found = [...tokens.values()].find((each) => each.hash.equals(hash));
      const operator = found && active(found.operator);
      if (operator === undefined || found === undefined || found.expiresAt <= now)
        return Promise.resolve(undefined);
      return Promise.resolve({ token: tokenWithoutHash(found), operator });
    },
    useToken: (id, now) => {
      const token = tokens.get(id);
      if (token !== undefined) tokens.set(id, { ...token, lastUsed: now });
      return Promise.resolve();
    },
    tokens: () => Promise.resolve([...tokens.values()].map(tokenWithoutHash)),
    revokeToken: (id) => {
      tokens.delete(id);
      return Promise.resolve();
    },

    createLink: ({ expiresAt, hash, operator }) => {
      links.set(hash.toString('hex'), { operator, expiresAt });
      return Promise.resolve();
    },
    takeLink: (hash, now) => {
      const key = hash.toString('hex');
      const link = links.get(key);
      links.delete(key);
      const isGood = link !== undefined && link.expiresAt > now;
      return Promise.resolve(isGood ? active(link.operator) : undefined);
    },

    sweep: (now, idleMs) => {
      for (const [id, session] of sessions) if (!isAlive(session, now, idleMs)) sessions.delete(id);
      for (const [key, link] of links) if (link.expiresAt <= now) links.delete(key);
      return Promise.resolve();
    },
  };
}

function withoutHash(session: NewSession): Session {
  const { address, expiresAt, id, lastSeen, method, operator, since, userAgent } = session;
  return { id, operator, method, address, userAgent, since, lastSeen, expiresAt };
}

function tokenWithoutHash({ createdAt, expiresAt, id, lastUsed, name, operator, role }: ApiToken): ApiToken {
  return { id, operator, name, role, createdAt, expiresAt, lastUsed };
} // prettier-ignore
