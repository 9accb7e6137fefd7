/**
 * What else a program is known to do with a challenge (AUTH-15): `own-realm`: it answers one of the realm that is set at its side alone;
 * `first-challenge`: a second challenge in a row means a wrong password to it, `stale=true` or not.
 */
type Habit = 'own-realm' | 'first-challenge';

/** What programs do with challenges whose User-Agent begins so (AUTH-15). */
export interface KnownUserAgent {
  /** In small letters. */
  readonly begins: string;
  /** The challenge that it answers: 401, 407, or none at all; not set: both. */
  readonly answers?: 401 | 407 | 'none';
  readonly habit?: Habit;
}

/**
 * Those of which it is documented. The mediation servers of Lync and Skype for Business, and Teams' direct routing have no digest at all:
 * trunks to them are known by their addresses. Where each is documented: docs/authentication.md, "Challenges that lead nowhere".
 */
export const knownUserAgents: readonly KnownUserAgent[] = [
  { begins: 'rtcc/', answers: 'none' },
  { begins: 'microsoft.pstnhub', answers: 'none' },
  { begins: 'cisco-sipgateway/', habit: 'own-realm' },
  { begins: 'cisco-cucm', habit: 'own-realm' },
  { begins: 'pyvoip', habit: 'first-challenge' },
  { begins: 'jitsi', habit: 'first-challenge' },
];
