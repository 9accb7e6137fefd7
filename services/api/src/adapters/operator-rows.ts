import type { Role } from '../core/operators/roles.ts';
import type { ApiToken, Operator, Session, SignInMethod } from '../operator-ports.ts';

/** Columns of `tandem_api.operator`, in the order of `operatorValues`. */
export const OPERATOR =
  'name, display_name, role, email, password, must_change, is_disabled, openid_subject, created_at, last_sign_in';

export interface OperatorRow {
  readonly name: string;
  readonly display_name: string;
  readonly role: Role;
  readonly email: string;
  readonly password: string | null;
  readonly must_change: boolean;
  readonly is_disabled: boolean;
  readonly openid_subject: string | null;
  readonly created_at: Date;
  readonly last_sign_in: Date | null;
}

export function operatorOf(row: OperatorRow): Operator {
  return {
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    email: row.email,
    password: row.password ?? undefined,
    mustChangePassword: row.must_change,
    isDisabled: row.is_disabled,
    openIdSubject: row.openid_subject ?? undefined,
    createdAt: row.created_at,
    lastSignIn: row.last_sign_in ?? undefined,
  };
}

export function operatorValues(operator: Operator): unknown[] {
  return [
    operator.name,
    operator.displayName,
    operator.role,
    operator.email,
    operator.password ?? null,
    operator.mustChangePassword,
    operator.isDisabled,
    operator.openIdSubject ?? null,
    operator.createdAt,
    operator.lastSignIn ?? null,
  ];
}

/** Columns of `tandem_api.session` but its secrets, and who it is of. */
export const SESSION =
  'session.id, session.operator, session.method, session.address, session.user_agent, session.since, session.last_seen, session.expires_at';

export interface SessionRow {
  readonly id: string;
  readonly operator: string;
  readonly method: SignInMethod;
  readonly address: string;
  readonly user_agent: string;
  readonly since: Date;
  readonly last_seen: Date;
  readonly expires_at: Date;
}

export function sessionOf(row: SessionRow): Session {
  return {
    id: row.id,
    operator: row.operator,
    method: row.method,
    address: row.address,
    userAgent: row.user_agent,
    since: row.since,
    lastSeen: row.last_seen,
    expiresAt: row.expires_at,
  };
}

export interface TokenRow {
  readonly id: string;
  readonly operator: string;
  readonly token_name: string;
  readonly token_role: Role;
  readonly token_created_at: Date;
  readonly expires_at: Date;
  readonly last_used: Date | null;
}

/** Columns of `tandem_api.token` but its secret. */
export const TOKEN =
  'token.id, token.operator, token.name AS token_name, token.role AS token_role, token.created_at AS token_created_at, token.expires_at, token.last_used';

export function tokenOf(row: TokenRow): ApiToken {
  return {
    id: row.id,
    operator: row.operator,
    name: row.token_name,
    role: row.token_role,
    createdAt: row.token_created_at,
    expiresAt: row.expires_at,
    lastUsed: row.last_used ?? undefined,
  };
}
