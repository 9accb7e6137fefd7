export { CallOutbox } from './call-outbox.ts';
export { StoreBacklog } from './store-backlog.ts';
export { Sweeper } from './sweeper.ts';
