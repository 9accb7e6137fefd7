import { hasIdentityTerm } from '@tandem/domain';
import type { Headers } from '@tandem/sip';

/** RFC 3323 §4.1.1.3: the From of a caller who is nobody. */
export const ANONYMOUS_URI = 'sip:anonymous@anonymous.invalid';
export const ANONYMOUS_NAME = 'Anonymous';

/**
 * What one side wants to be kept from the other (RFC 3323 §4.2). The switch is the privacy service: `header` it gives every
 * message, since nothing of a side's topology passes (CALL-01); `user`, `id` and `history` it gives where the other side
 * cannot be relied on; `session` it cannot give.
 */
export interface Privacy {
  /** In lower case, in the order in which they stand. */
  readonly values: readonly string[];
  /** From, display names and what else names the user. */
  readonly isOfUser: boolean;
  /** The asserted identity; whoever withholds all of itself withholds that. */
  readonly isOfNumber: boolean;
  readonly isOfHistory: boolean;
}

const none: Privacy = { values: [], isOfUser: false, isOfNumber: false, isOfHistory: false };

export function privacyOf(headers: Headers): Privacy {
  if (!headers.has('Privacy')) return none;
  const values = headers
    .getAll('Privacy')
    .flatMap((line) => line.toLowerCase().split(/[;,]/))
    .map((value) => value.trim())
    .filter((value) => value !== '');
  const isOfUser = values.includes('user');
  return {
    values,
    isOfUser,
    isOfNumber: isOfUser || values.includes('id'),
    // RFC 7044 §10.1.2: what hides the sender's network hides the way that the call came.
    isOfHistory: ['history', 'session', 'header'].some((value) => values.includes(value)),
  };
}

/**
 * The Privacy that the other side gets; '' for none. A trusted one is told what is wanted, and gives it to those behind it;
 * another one has what the switch has done already taken out (RFC 3323 §5.1).
 * @param taker terms of the side that gets it
 */
export function passedPrivacy(
  { values }: Privacy,
  taker: number,
  told: {
    /** An identity is told: without one `id` means nothing. */
    readonly isNamed: boolean;
    /** It is to be kept from those who are not trusted: also where Remote-Party-ID alone says so. */
    readonly isWithheld: boolean;
  },
): string {
  if (!hasIdentityTerm(taker, 'trusted')) {
    const isSessionLeft = values.includes('session');
    // Nothing is critical any more once all has been given.
    const isLeft = (value: string): boolean =>
      value === 'none' || (isSessionLeft && (value === 'session' || value === 'critical'));
    return values.filter(isLeft).join(';');
  }
  const kept = values.filter((value) => value !== 'id' || told.isNamed);
  if (told.isNamed && told.isWithheld && !kept.includes('id') && !kept.includes('user')) {
    kept.push('id');
  }
  return kept.join(';');
}
