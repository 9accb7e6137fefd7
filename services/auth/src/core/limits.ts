/**
 * AUTH-07: what one session answers within this time is one failure. Some phones answer a wrong password fifteen times in ten
 * milliseconds (baresip), which is one mistake; AUTH-06 ends such a session all the same.
 */
export const BURST_MS = 1000;

/** CDRs of refusals of one terminal until it proves itself, or its suspension ends: a flood must not fill them. */
export const MOST_RECORDED = 10;

/** User names that are gathered of one place; the others are gathered together. */
export const MOST_NAMES = 20;

/** What is gathered at most, over all places; what was seen longest ago goes first. */
export const MOST_GATHERED = 10_000;

/** How long what was gathered is kept after the last failure. */
export const GATHERED_MS = 86_400_000;

/** Sources that are black-listed at most; those whose time ends first go first. */
export const MOST_BLACKLISTED = 100_000;

/** What a list shows at most. */
export const MOST_LISTED = 1000;

/** Stands for the user names that are more than `MOST_NAMES`. */
export const OTHER_USERS = 'other user names';

/** Challenges that wait for an answer at most; where there are more, what becomes of them is not kept. */
export const MOST_OPEN = 10_000;

/** Challenges without an answer that one pod takes at once, and how long it has them before they are another's. */
export const MOST_TAKEN = 1000;
export const TAKEN_MS = 5000;

/** How late a challenge may come whose call was let in, or refused, long ago: a pod that was stopped works off what it has (Timer B). */
export const ANSWERED_MS = 32_000;

/** All pods together look for them once in this time. */
export const LOOKED_MS = 900;
