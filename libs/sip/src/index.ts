export {
  ClientTransaction,
  type ClientTransactionOptions,
  type ClientTransactionUser,
  type TransactionFailure,
} from './transaction/client-transaction.ts';
export {
  inviteClientStep,
  startInviteClient,
  type InviteClientState,
} from './transaction/invite-client.ts';
export {
  inviteServerStep,
  startInviteServer,
  type InviteServerInput,
  type InviteServerState,
} from './transaction/invite-server.ts';
export {
  nonInviteClientStep,
  startNonInviteClient,
  type NonInviteClientState,
} from './transaction/non-invite-client.ts';
export {
  nonInviteServerStep,
  startNonInviteServer,
  type NonInviteServerInput,
  type NonInviteServerState,
} from './transaction/non-invite-server.ts';
export {
  ServerTransaction,
  type ServerTransactionOptions,
  type ServerTransactionUser,
} from './transaction/server-transaction.ts';
export { systemTimers, type TimerHandle, type TimerPort } from './transaction/timer-port.ts';
export { timerValues, type TimerOptions, type TimerValues } from './transaction/timer-values.ts';
export type { ClientInput, Effect, TimerName, Transition } from './transaction/transition.ts';
export { DatagramReader, newTransportCounters } from './transport/datagram-reader.ts';
export type {
  Arrival,
  Endpoint,
  Transport,
  TransportCounters,
  TransportListener,
} from './transport/transport.ts';
export { UdpTransport, type UdpTransportOptions } from './transport/udp-transport.ts';
export { noteSource, viaWithSource } from './transport/via-received.ts';
