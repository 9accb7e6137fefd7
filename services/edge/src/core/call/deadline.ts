/** How long auth and routing may take for one call. */
export const DEADLINE_MS = 4000;

/**
 * Nobody waits for so long: this pod was stopped meanwhile (its machine was paused, or it had no CPU), and its sender has given the INVITE
 * to another one, which may have challenged it, and left nothing in the store that would say so.
 */
export const STOPPED_MS = DEADLINE_MS + 900;
