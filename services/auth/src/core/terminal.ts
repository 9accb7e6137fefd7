import { OTHER_PLACES } from './place.ts';

/** What failures are counted of (AUTH-07): a user name at a place. */
export interface Terminal {
  /** "phone 1001", "mapping-gateway office", "unknown-user 4711". */
  readonly user: string;
  /** `placeOf` its source. */
  readonly place: string;
}

/** "phone 1001 at 192.0.2.7": how it is called in suspensions. */
export function terminalText({ user, place }: Terminal): string {
  return `${user} at ${place}`;
}

/** The user name wherever it has not proved itself lately. */
export function elsewhereText({ user }: Terminal): string {
  return `${user} at ${OTHER_PLACES}`;
}

/**
 * Whether an operator means it: as it is listed, or what stands before the place, with its kind or without.
 * @param text "phone 1001 at 192.0.2.7", "phone 1001" or "1001"
 */
export function isMeant(terminal: string, text: string): boolean {
  if (terminal === text || terminal.startsWith(`${text} at `)) return true;
  const name = terminal.slice(terminal.indexOf(' ') + 1);
  return name === text || name.startsWith(`${text} at `);
}
