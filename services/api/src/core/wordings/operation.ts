import type { operationCauses } from '@tandem/domain';
import type { WordingsOf } from './journal.ts';

/** OPS-10, OPS-12: a sentence for each of these causes. */
export const operationWordings: WordingsOf<keyof typeof operationCauses> = {
  'signed-in': ({ facts }, { from, times }) => ({
    why: `operator ${facts.operator} signed in by ${wayOf(facts.method)}${from}${times}`,
    change: null,
  }),
  'sign-in-refused': ({ facts }, { from, times }) => ({
    why: `a sign-in ${facts.operator === '' ? '' : `as ${facts.operator} `}by ${wayOf(facts.method)}${from} was refused: ${facts.fault}${times}`,
    change:
      'If it was one of yours, an administrator gives a new password or lifts the lock: tandem users set, tandem users unlock. If it was not, see who comes from there.',
  }),
};

function wayOf(method: string): string {
  return method === 'link' ? 'one-time link' : method === 'openid' ? 'OpenID Connect' : method;
}
