import type { Mistake } from '@tandem/config';
import { problem, ProblemError } from '../../api/problem.ts';
import { hashPassword } from '../../adapters/password-hash.ts';
import { OPERATOR_NAME, TOKEN_FILE_NAME } from '../../core/operators/operators.ts';
import { passwordMistake } from '../../core/operators/password-rules.ts';
import type { Operator } from '../../operator-ports.ts';
import type { NewUser, UserChange } from './schemas.ts';

/** @throws ProblemError 422 naming what is wrong */
export async function newOperator(
  { name, role, ...given }: NewUser,
  passwordLength: number,
  createdAt: Date,
): Promise<Operator> {
  const mistakes: Mistake[] = [];
  if (!OPERATOR_NAME.test(name)) {
    const message =
      'must be 1 to 64 lower-case letters, digits, dots, hyphens, underscores and @, and begin with a letter or digit';
    mistakes.push({ path: 'name', message });
  } else if (name === TOKEN_FILE_NAME) {
    const message = 'is what the text in DATA_DIR/api-token is called: take another name';
    mistakes.push({ path: 'name', message });
  }
  if (mistakes.length > 0) throw invalid(mistakes);
  const change = await changedOperator(name, given, passwordLength);
  return change({
    name,
    role,
    displayName: '',
    email: '',
    password: undefined,
    mustChangePassword: false,
    isDisabled: false,
    openIdSubject: undefined,
    createdAt,
    lastSignIn: undefined,
  });
}

/**
 * What a change makes of an operator. A password that an administrator has chosen is to be changed at the next sign-in, unless he says otherwise.
 * @throws ProblemError 422 naming what is wrong
 */
export async function changedOperator(
  name: string,
  { openIdSubject, password, ...given }: UserChange,
  passwordLength: number,
): Promise<(before: Operator) => Operator> {
  if (given.email !== undefined && given.email !== '' && !/^[^\s@]+@[^\s@]+$/.test(given.email)) {
    throw invalid([{ path: 'email', message: 'must be an address such as noc@example.com' }]);
  }
  if (password !== undefined) {
    checkPassword('password', password, passwordLength, [name, given.displayName ?? '']);
  }
  const hash = password === undefined ? undefined : await hashPassword(password);
  return (before) => ({
    ...before,
    role: given.role ?? before.role,
    displayName: given.displayName ?? before.displayName,
    email: given.email ?? before.email,
    isDisabled: given.isDisabled ?? before.isDisabled,
    mustChangePassword: given.mustChangePassword ?? before.mustChangePassword,
    ...(hash === undefined
      ? {}
      : { password: hash, mustChangePassword: given.mustChangePassword ?? true }),
    ...(openIdSubject === undefined ? {} : { openIdSubject: openIdSubject ?? undefined }),
  });
}

/** @throws ProblemError 422 */
export function checkPassword(
  path: string,
  password: string,
  length: number,
  about: readonly string[],
): void {
  const message = passwordMistake(password, length, about);
  if (message !== undefined) throw weakPassword(path, message);
}

/** Why a password is not taken. */
export function weakPassword(path: string, message: string): ProblemError {
  const detail = 'this password is not taken; nothing was changed';
  return new ProblemError(problem(422, 'password-weak', detail, { mistakes: [{ path, message }] }));
}

function invalid(mistakes: readonly Mistake[]): ProblemError {
  const detail = 'the user cannot be so; nothing was changed';
  return new ProblemError(problem(422, 'user-invalid', detail, { mistakes }));
}
