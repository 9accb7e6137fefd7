export { CallOutbox } from './call-outbox.ts';
export { answerStep, endStep, StoreBacklog } from './store-backlog.ts';
export { Sweeper } from './sweeper.ts';
