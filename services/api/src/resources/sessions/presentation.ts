import type { Principal } from '../../api/principal.ts';
import { accessOf, isAllowed, operationAccess } from '../../core/operators/roles.ts';
import type { Session } from '../../operator-ports.ts';
import type { StartedSession } from '../../sign-ins.ts';
import { entryResources } from '../entries/entry-resources.ts';
import { presentTime } from '../times.ts';
import type { SessionEntryView, SessionView } from './schemas.ts';

type Shown = Pick<
  Principal,
  | 'name'
  | 'displayName'
  | 'role'
  | 'roles'
  | 'method'
  | 'since'
  | 'expiresAt'
  | 'mustChangePassword'
>;

/** Every operation there is. */
const operations: readonly string[] = [
  ...Object.keys(operationAccess),
  ...entryResources.flatMap(({ title }) => [
    `listConfigured${title}s`,
    ...['get', 'create', 'replace', 'change', 'remove'].map((verb) => `${verb}Configured${title}`),
  ]),
].sort();

export function presentSession(principal: Shown): SessionView {
  const { displayName, expiresAt, method, mustChangePassword, name, role, roles, since } =
    principal;
  return {
    user: { name, displayName, role },
    method,
    since: presentTime(since?.getTime()),
    expiresAt: presentTime(expiresAt?.getTime()),
    mustChangePassword,
    may: operations.filter((operation) => isAllowed(accessOf(operation) ?? [], roles)),
  };
}

/** A session that has just begun. Its secrets are in its cookies, not here. */
export function presentStarted({ operator, session }: StartedSession): SessionView {
  const { displayName, mustChangePassword, name, role } = operator;
  const { expiresAt, method, since } = session;
  return presentSession({
    name,
    displayName,
    role,
    roles: [role],
    method,
    since,
    expiresAt,
    mustChangePassword,
  });
}

export function presentSessionEntry(
  session: Session,
  current: string | undefined,
): SessionEntryView {
  return {
    id: session.id,
    user: session.operator,
    method: session.method,
    since: presentTime(session.since.getTime()),
    lastSeen: presentTime(session.lastSeen.getTime()),
    expiresAt: presentTime(session.expiresAt.getTime()),
    address: session.address,
    userAgent: session.userAgent,
    isCurrent: session.id === current,
  };
}
