export { CallEnding } from './call-ending.ts';
export { DialogRelay } from './dialog-relay.ts';
