/** The type of calls to phones here, whatever their numbers are (DENY-04). */
export const INTERNAL_CALLS = 'internal';
