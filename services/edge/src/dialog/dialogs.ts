export { CallEnding } from './call-ending.ts';
export { DialogRelay } from './dialog-relay.ts';
export { EndedMedia } from './ended-media.ts';
export { StoredTokenCache } from './stored-token-cache.ts';
