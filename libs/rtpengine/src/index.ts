export { decodeBencode, encodeBencode } from './bencode.ts';
export type { Bencodable } from './bencode.ts';
export { NgClient, isDictionary } from './ng-client.ts';
export type { NgClock, NgCommand, NgOutcome, NgPatience, NgReply, NgWire } from './ng-client.ts';
export { relayId, relayName } from './relay.ts';
export type { RelayAddress } from './relay.ts';
export { RelayPool } from './relay-pool.ts';
export type { Relay } from './relay-pool.ts';
export { UdpWire } from './udp-wire.ts';
