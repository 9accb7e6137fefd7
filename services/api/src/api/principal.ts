import { isAllowed, type Access, type Role } from '../core/operators/roles.ts';
import type { Operator, Session, SignInMethod } from '../operator-ports.ts';
import type { SignInFrom } from '../sign-ins.ts';
import { fail } from './problem.ts';

/** Who makes a request. */
export interface Principal {
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  /** Each of them must allow what is done: that of a token, and that of whose it is. */
  readonly roles: readonly Role[];
  readonly method: SignInMethod;
  readonly since: Date | undefined;
  /** When it ends at the latest; undefined: never. */
  readonly expiresAt: Date | undefined;
  readonly mustChangePassword: boolean;
  /** Undefined: who comes with the text of DATA_DIR/api-token. */
  readonly operator: Operator | undefined;
  readonly session: Session | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where nobody need be signed in. */
    principal: Principal | undefined;
  }
}

/** Who makes a request that is for those who are signed in. */
export function signedIn({ principal }: { readonly principal: Principal | undefined }): Principal {
  if (principal === undefined) throw fail(401, 'not-authenticated', 'sign in first');
  return principal;
}

/** Whether somebody may do an operation. */
export function mayDo({ roles }: Principal, access: Access): boolean {
  return isAllowed(access, roles);
}

/** Where a request comes from. */
export function placeOf({
  headers,
  ip,
}: {
  readonly headers: { readonly 'user-agent'?: string | undefined };
  readonly ip: string;
}): SignInFrom {
  return { address: ip, userAgent: headers['user-agent'] ?? '' };
}
