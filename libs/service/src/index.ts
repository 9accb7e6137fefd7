export { openAdminServer } from './admin-server.ts';
export type { AdminServer } from './admin-server.ts';
export type { App } from './app.ts';
export { openBatchStream } from './batch-stream-client.ts';
export type { BatchStream, BatchStreamSettings } from './batch-stream-client.ts';
export { serveBatchStream } from './batch-stream-server.ts';
export type { Batch, BatchHandlers } from './batch-stream-server.ts';
export { ClaimedRounds, LostJob } from './claimed-rounds.ts';
export type { ClaimedJob, JobOutcome, JobQueue, JobTimes } from './claimed-rounds.ts';
export { openCaseStream } from './case-stream.ts';
export type { CaseStream, CaseStreamSettings } from './case-stream.ts';
export { InTurns, stepByStep } from './in-turns.ts';
export { unaryClient } from './grpc-client.ts';
export type { GrpcClientSettings, UnaryClientSettings } from './grpc-client.ts';
export type {
  ServiceShape,
  StreamHandlers,
  StreamSession,
  UnaryHandlers,
  UnaryMethods,
} from './grpc-methods.ts';
export { grpcStreams } from './grpc-stream.ts';
export type { OpenStream, MessageStream, StreamListener } from './grpc-stream.ts';
export { grpcService, serveGrpc } from './grpc-server.ts';
export type { GrpcServer, GrpcServerSettings, GrpcService } from './grpc-server.ts';
export { GrpcTls, readGrpcTls } from './grpc-tls.ts';
export { readKafkaSecurity } from './kafka-security.ts';
export { parseListenAddress } from './listen-address.ts';
export type { ListenAddress } from './listen-address.ts';
export { createLogger, silentLogger } from './logger.ts';
export type { Logger, LoggerOptions } from './logger.ts';
export { migrate } from './migrations.ts';
export type { MigrationSettings } from './migrations.ts';
export { createPool } from './postgres.ts';
export type { Pool, PoolClient, PoolSettings } from './postgres.ts';
export { ProcessResources } from './process-resources.ts';
export { connectRedis } from './redis.ts';
export type { Redis, RedisSettings } from './redis.ts';
export { Rounds } from './rounds.ts';
export { runService } from './run-service.ts';
export type { ServiceContext } from './run-service.ts';
export { readServiceSettings } from './service-settings.ts';
export type { ServiceSettings, ServiceSurroundings } from './service-settings.ts';
export { ServiceShell } from './service-shell.ts';
export type { ServiceApp, ServiceConfig, ServiceResources } from './service-shell.ts';
export { defineScript } from './script.ts';
export type { RedisScript, ScriptOptions } from './script.ts';
export { SlotScripts } from './slot-scripts.ts';
export type { SlotScript } from './slot-scripts.ts';
export { WatchedFile } from './watched-file.ts';
export type { WatchedFileOptions } from './watched-file.ts';
