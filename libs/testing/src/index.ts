export { Call } from './call.ts';
export type { CallContext, InDialogOptions } from './call.ts';
export { databaseForTest, testPostgresUrl } from './real-database.ts';
export type { TestDatabase } from './real-database.ts';
export { openCuttableRelay } from './cuttable-relay.ts';
export type { CuttableRelay } from './cuttable-relay.ts';
export { Dialog } from './dialog.ts';
export { answeredRequest, provesPassword } from './digest-answer.ts';
export type { PeerCredentials } from './digest-answer.ts';
export { eventually } from './eventually.ts';
export { FakeClock } from './fake-clock.ts';
export { ForkedCallee } from './forked-callee.ts';
export { freeServerPort, freeTcpPort, freeUdpPort } from './free-port.ts';
export { IncomingCall } from './incoming-call.ts';
export { IncomingRequest } from './incoming-request.ts';
export type { ChallengeOptions, RespondOptions } from './incoming-request.ts';
export { OwnKafka } from './own-kafka.ts';
export { OwnProcess } from './own-process.ts';
export { OwnRedis, ownCluster, ownSentinels } from './own-redis.ts';
export type { OwnCluster, OwnRedisOptions, OwnSentinels } from './own-redis.ts';
export { OwnRtpengine } from './own-rtpengine.ts';
export type { OwnRtpengineOptions } from './own-rtpengine.ts';
export { largeConfiguration } from './large-configuration.ts';
export type { LargeConfiguration } from './large-configuration.ts';
export { requestFrom, sdpBody } from './message-templates.ts';
export type { ExtraHeaders, RequestTemplate, SdpOptions } from './message-templates.ts';
export { OutgoingCall } from './outgoing-call.ts';
export type { InviteOptions } from './outgoing-call.ts';
export { openOtlpReceiver, spanTree } from './otlp-receiver.ts';
export type { OtlpReceiver, ReceivedMetric, ReceivedSpan } from './otlp-receiver.ts';
export { redisForTest, testRedisUrl } from './real-redis.ts';
export type { TestRedis } from './real-redis.ts';
export { RtpStream, mediaPlace } from './rtp-stream.ts';
export { ScriptedPeer } from './scripted-peer.ts';
export type { OutOfDialogOptions, ScriptedPeerOptions } from './scripted-peer.ts';
export { seededRandom } from './seeded-random.ts';
export { SharedTime } from './shared-time.ts';
export { SimulatedNetwork } from './simulated-network.ts';
export type {
  SentDatagram,
  SimulatedNetworkOptions,
  SimulatedTransportOptions,
} from './simulated-network.ts';
export { Srtp, cryptoIn } from './srtp.ts';
export { testKafkaBrokers, topicForTest } from './real-topic.ts';
export type { TestTopic, TestTopicOptions } from './real-topic.ts';
export { Transcript } from './transcript.ts';
export type { TranscriptLine } from './transcript.ts';
export { uniqueName } from './unique-name.ts';
