import type { Operator } from '../../operator-ports.ts';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import type { UserView } from './schemas.ts';

/** An operator as the API shows him: that he has a password, never which. */
export function presentUser(operator: Operator, lockedUntil: Date | undefined): UserView {
  return {
    name: operator.name,
    displayName: operator.displayName,
    role: operator.role,
    email: operator.email,
    isDisabled: operator.isDisabled,
    hasPassword: operator.password !== undefined,
    mustChangePassword: operator.mustChangePassword,
    openIdSubject: operator.openIdSubject ?? null,
    lockedUntil: presentTime(lockedUntil?.getTime()),
    lastSignIn: presentTime(operator.lastSignIn?.getTime()),
    createdAt: presentTime(operator.createdAt.getTime()),
  };
}

const columns = [
  'name',
  'displayName',
  'role',
  'email',
  'isDisabled',
  'hasPassword',
  'mustChangePassword',
  'openIdSubject',
  'lockedUntil',
  'lastSignIn',
  'createdAt',
] as const satisfies readonly (keyof UserView)[];

export function userCsv(users: readonly UserView[]): string {
  return csvText(users, columns);
}
