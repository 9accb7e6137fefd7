import { createHash } from 'node:crypto';
import type { Operator } from '../../operator-ports.ts';

/** What operators may be called. `api` is what the text of DATA_DIR/api-token is called. */
export const OPERATOR_NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;
/** Who comes with the text of DATA_DIR/api-token. */
export const TOKEN_FILE_NAME = 'api';

/** Whether somebody can hand out rights. */
export function mayAdminister({ isDisabled, role }: Operator): boolean {
  return role === 'administrator' && !isDisabled;
}

/** Of an operator as he was read: when he has signed in is no change of him. */
export function operatorTag(operator: Operator): string {
  const text = JSON.stringify({ ...operator, lastSignIn: undefined });
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
