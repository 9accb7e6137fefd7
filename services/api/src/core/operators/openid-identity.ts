import type { Operator } from '../../operator-ports.ts';
import { OPERATOR_NAME, TOKEN_FILE_NAME } from './operators.ts';
import type { Role } from './roles.ts';

/** Who a provider of OpenID says somebody is. */
export interface OpenIdIdentity {
  readonly subject: string;
  /** What he is called there. */
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** Which group of the provider has which role; the first that fits counts. */
export type GroupRoles = readonly { readonly group: string; readonly role: Role }[];

/** What becomes of somebody whom the provider has proved. */
export type OpenIdDecision =
  | { readonly kind: 'known'; readonly operator: Operator; readonly role: Role }
  | { readonly kind: 'new'; readonly operator: Operator }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Who of ours somebody is. Where groups have roles, those decide, at each sign-in, and who is new is added; where none has, those alone come in whose
 * subject an administrator has written down.
 * @param known the operator with this subject @param namesake one of this name
 */
export function decideOpenId(
  identity: OpenIdIdentity,
  known: Operator | undefined,
  { createdAt, groupRoles, namesake }: {
    readonly groupRoles: GroupRoles;
    readonly namesake: Operator | undefined;
    readonly createdAt: Date;
  }, // prettier-ignore
): OpenIdDecision {
  const { displayName, email, groups, subject } = identity;
  if (known?.isDisabled === true) return { kind: 'refused', why: 'the operator is disabled' };
  const role = groupRoles.find(({ group }) => groups.includes(group))?.role;
  if (groupRoles.length === 0) {
    if (known !== undefined) return { kind: 'known', operator: known, role: known.role };
    return { kind: 'refused', why: `no user has openIdSubject ${subject}` };
  }
  if (role === undefined) return { kind: 'refused', why: 'none of its groups has a role' };
  if (known !== undefined) return { kind: 'known', operator: known, role };
  const name = openIdName(identity);
  // Whoever can choose a name there must not become somebody here.
  if (namesake !== undefined) return { kind: 'refused', why: `the name ${name} is another user's` };
  if (!OPERATOR_NAME.test(name) || name === TOKEN_FILE_NAME)
    return { kind: 'refused', why: 'its name there cannot be one of a user here' };
  const operator: Operator = {
    name,
    displayName: displayName.slice(0, 100),
    role,
    email: email.slice(0, 254),
    password: undefined,
    mustChangePassword: false,
    isDisabled: false,
    openIdSubject: subject,
    createdAt,
    lastSignIn: undefined,
  };
  return { kind: 'new', operator };
}

/** What somebody would be called here. */
export function openIdName({ username }: OpenIdIdentity): string {
  return username.toLowerCase().slice(0, 64);
}
