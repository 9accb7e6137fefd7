export { databaseForTest, testPostgresUrl, type TestDatabase } from './database-for-test.ts';
export { FakeClock } from './fake-clock.ts';
export { freeTcpPort, freeUdpPort } from './free-port.ts';
export { redisForTest, testRedisUrl, type TestRedis } from './redis-for-test.ts';
export { seededRandom } from './seeded-random.ts';
export {
  SimulatedNetwork,
  type SentDatagram,
  type SimulatedNetworkOptions,
  type SimulatedTransportOptions,
} from './simulated-network.ts';
export {
  testKafkaBrokers,
  topicForTest,
  type TestTopic,
  type TestTopicOptions,
} from './topic-for-test.ts';
export { uniqueName } from './unique-name.ts';
