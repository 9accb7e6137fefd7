/** Which challenge programs answer whose User-Agent begins so (AUTH-15): 401, 407, or none at all. */
export interface KnownUserAgent {
  /** In small letters. */
  readonly begins: string;
  readonly answers: 401 | 407 | 'none';
}

/**
 * Those that have no digest at all: the mediation servers of Lync and Skype for Business, and Teams' direct routing. Trunks to them
 * are known by their addresses.
 */
export const knownUserAgents: readonly KnownUserAgent[] = [
  { begins: 'rtcc/', answers: 'none' },
  { begins: 'microsoft.pstnhub', answers: 'none' },
];
