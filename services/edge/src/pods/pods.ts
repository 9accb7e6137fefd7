export { Drain } from './drain.ts';
export { ForeignCalls } from './foreign-calls.ts';
export type { ForeignMessage } from './foreign-calls.ts';
export { HangUps } from './hang-ups.ts';
export type { HangUpResult } from './hang-ups.ts';
export { ResponseFinder } from './response-finder.ts';
export { leftToOthers } from './left-to-others.ts';
