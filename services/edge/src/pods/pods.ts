export { Drain } from './drain.ts';
export { ForeignCalls } from './foreign-calls.ts';
export type { ForeignMessage } from './foreign-calls.ts';
export { ResponseFinder } from './response-finder.ts';
export { podsView } from './pods-view.ts';
