export { formatEndpoint, parseEndpoint } from './endpoint.ts';
export type { LinkEndpoint } from './endpoint.ts';
export { LinkCodec, linkOverheadBytes, mostPayloadBytes } from './link-codec.ts';
export type { LinkDatagram, LinkKind } from './link-codec.ts';
export { PodLinkSocket } from './pod-link-socket.ts';
export type { LinkCounters, LinkReader, PodLinkSocketOptions } from './pod-link-socket.ts';
export { LinkWatch } from './link-watch.ts';
export { chooseWorker, rendezvous } from './rendezvous.ts';
export type { WorkerPod } from './rendezvous.ts';
