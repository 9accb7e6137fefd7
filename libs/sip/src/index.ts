export { SipParseError, sipParseErrorCodes } from './message/parse-error.ts';
export type { SipParseErrorCode, SipParseErrorDetails } from './message/parse-error.ts';
export { fromWire, isToken, quote, readableText, toWire, unquote } from './message/characters.ts';
export { reasonPhrase } from './message/reason-phrases.ts';
export { Headers } from './message/headers.ts';
export { headerKey } from './message/header-names.ts';
export { defaultParseLimits } from './message/limits.ts';
export type { ParseLimits } from './message/limits.ts';
export { SipRequest, SipResponse } from './message/message.ts';
export type { SipMessage } from './message/message.ts';
export { readOutline } from './message/outline.ts';
export type { MessageOutline } from './message/outline.ts';
export { readRequestHead } from './message/request-head.ts';
export type { RequestHead } from './message/request-head.ts';
export { skimRequest } from './message/request-skim.ts';
export type { RequestSkim } from './message/request-skim.ts';
export { parseMessage } from './message/parse-message.ts';
export { responseTo } from './message/response-to.ts';
export type { ResponseOptions } from './message/response-to.ts';
export { serialize } from './message/serialize.ts';
export { splitList } from './message/split-list.ts';
export {
  callId,
  contact,
  contacts,
  cseq,
  from,
  maxForwards,
  to,
  topVia,
  vias,
} from './message/typed-headers.ts';
export type { CSeq } from './message/typed-headers.ts';
export { isConcluding, mendRequest, mendResponse } from './message/mend.ts';
export { isValidResponse, validateRequest } from './message/validate.ts';
export type { RequestFault, ValidateOptions } from './message/validate.ts';
export { bareHost, formatHostPort, parseHostPort } from './uri/host-port.ts';
export type { HostPort } from './uri/host-port.ts';
export { formatNameAddr, parseNameAddr } from './uri/name-addr.ts';
export type { NameAddr, NameAddrParts } from './uri/name-addr.ts';
export { numberUri } from './uri/number-uri.ts';
export { Params } from './uri/params.ts';
export type { ReadonlyParams } from './uri/params.ts';
export { RecentMap } from './recent-map.ts';
export { isSameUri } from './uri/same-uri.ts';
export { escapeUser, formatUri, isSipsUri, parseUri, unescapeUri } from './uri/sip-uri.ts';
export type { SipUri, SipUriParts } from './uri/sip-uri.ts';
export { userOf } from './uri/user-of.ts';
export { formatVia, parseVia } from './uri/via.ts';
export type { Via, ViaParts } from './uri/via.ts';
export { digestAlgorithm, digestAlgorithms } from './digest/algorithms.ts';
export type { DigestAlgorithm } from './digest/algorithms.ts';
export { formatChallenge, parseChallenge, pickChallenge } from './digest/challenge.ts';
export type { Challenge } from './digest/challenge.ts';
export { formatCredentials, parseCredentials } from './digest/credentials.ts';
export type { Credentials } from './digest/credentials.ts';
export { answerChallenge, digestResponse, ha1, verifyCredentials } from './digest/digest.ts';
export type { AnswerInput, DigestInput, VerifyInput } from './digest/digest.ts';
export { ClientTransaction } from './transaction/client-transaction.ts';
export type {
  ClientTransactionOptions,
  ClientTransactionUser,
  TransactionFailure,
} from './transaction/client-transaction.ts';
export { ackForFailure, cancelOf } from './transaction/derived-request.ts';
export { inviteClientStep, startInviteClient } from './transaction/invite-client.ts';
export type { InviteClientState } from './transaction/invite-client.ts';
export { inviteServerStep, startInviteServer } from './transaction/invite-server.ts';
export type { InviteServerInput, InviteServerState } from './transaction/invite-server.ts';
export { nonInviteClientStep, startNonInviteClient } from './transaction/non-invite-client.ts';
export type { NonInviteClientState } from './transaction/non-invite-client.ts';
export { nonInviteServerStep, startNonInviteServer } from './transaction/non-invite-server.ts';
export type {
  NonInviteServerInput,
  NonInviteServerState,
} from './transaction/non-invite-server.ts';
export { ServerTransaction } from './transaction/server-transaction.ts';
export type {
  ServerTransactionOptions,
  ServerTransactionUser,
} from './transaction/server-transaction.ts';
export type { TimerHandle, TimerPort } from './transaction/timer-port.ts';
export { timerValues } from './transaction/timer-values.ts';
export type { TimerOptions, TimerValues } from './transaction/timer-values.ts';
export {
  cancelledTransactionKey,
  clientKeyOf,
  clientTransactionKey,
  magicCookie,
  serverKeyOf,
  serverTransactionKey,
} from './transaction/transaction-key.ts';
export type { ClientInput, Effect, TimerName, Transition } from './transaction/transition.ts';
export { certificateNames, provesName } from './transport/certificate-names.ts';
export { ConnectionFault } from './transport/connection-fault.ts';
export type { ConnectionFaultKind } from './transport/connection-fault.ts';
export { untrustedWords } from './transport/tls-contexts.ts';
export { DatagramReader, isNoSip } from './transport/datagram-reader.ts';
export { QueueMarker } from './transport/queue-marker.ts';
export { nextDomain, responseAddress, reconnectionPort } from './transport/response-address.ts';
export { StreamFramer } from './transport/stream-framer.ts';
export type { StreamFramerSink } from './transport/stream-framer.ts';
export { StreamRepeats } from './transport/stream-repeats.ts';
export type { StreamRepeatsOptions } from './transport/stream-repeats.ts';
export { systemTimers } from './transport/system-timers.ts';
export { ConnectionTransport } from './transport/connection-transport.ts';
export type {
  ConnectionTransportCounters,
  ConnectionTransportOptions,
} from './transport/connection-transport.ts';
export { TlsContexts } from './transport/tls-contexts.ts';
export type { TlsMaterial } from './transport/tls-contexts.ts';
export type { WebSocketTerms } from './transport/web-socket-acceptor.ts';
export type {
  Arrival,
  Endpoint,
  Transport,
  TransportCounters,
  TransportListener,
} from './transport/transport.ts';
export {
  isSameTransport,
  transportById,
  transportNamed,
  transportOf,
  transportOfUri,
  transportOfVia,
  transports,
} from './transport/transports.ts';
export type { SipTransport, TransportName } from './transport/transports.ts';
export { UdpTransport } from './transport/udp-transport.ts';
export type { UdpTransportOptions } from './transport/udp-transport.ts';
export { noteSource, viaWithSource } from './transport/via-received.ts';
