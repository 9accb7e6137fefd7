import type { ApiToken } from '../../operator-ports.ts';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import type { TokenView } from './schemas.ts';

export function presentToken(token: ApiToken): TokenView {
  return {
    id: token.id,
    user: token.operator,
    name: token.name,
    role: token.role,
    createdAt: presentTime(token.createdAt.getTime()),
    expiresAt: presentTime(token.expiresAt.getTime()),
    lastUsed: presentTime(token.lastUsed?.getTime()),
  };
}

const columns = [
  'id',
  'user',
  'name',
  'role',
  'createdAt',
  'expiresAt',
  'lastUsed',
] as const satisfies readonly (keyof TokenView)[];

export function tokenCsv(tokens: readonly TokenView[]): string {
  return csvText(tokens, columns);
}
