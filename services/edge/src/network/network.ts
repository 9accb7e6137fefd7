export { advertisedBy, mainAddress, probeTargets } from './advertised.ts';
export { EdgeNetwork } from './edge-network.ts';
export type { MessageListener } from './message-listener.ts';
export { readUnread, readableOf } from './read-unread.ts';
export { NetworkTest } from './self-test.ts';
export type { SipListen } from './sip-sockets.ts';
export { certificateFiles } from './sip-tls.ts';
export type { SipTlsFiles } from './sip-tls.ts';
