export { BUCKET_MS, KEPT_BUCKETS, sumOf } from './gateway-quality.ts';
export type {
  GatewayQualities,
  QualityBucket,
  QualityFigures,
  QualityNote,
} from './gateway-quality.ts';
export type { GatewayRest, GatewayRests, RestRequest } from './gateway-rests.ts';
export type {
  AttemptCounts,
  GatewayTally,
  GatewayThrottles,
  TallyStep,
} from './gateway-throttles.ts';
export { memoryLimits } from './memory-limits.ts';
export type { MemoryLimitsOptions, MemoryLines } from './memory-limits.ts';
export type { MoneyEnd, PaidCall, Reserved, SliceTerms, StandingCall } from './call-money.ts';
export { redisLimits } from './redis-limits.ts';
export type { RedisLimitsOptions } from './redis-limits.ts';
export { limitKeys } from './limit-keys.ts';
export type { LimitKeys } from './limit-keys.ts';
export type { Limits } from './limits.ts';
export { lineLeaseLua } from './line-lease-lua.ts';
export { preconditionLua, preconditionOf, unmet } from './precondition.ts';
export type { Precondition } from './precondition.ts';
export type { PoolTurns } from './pool-turns.ts';
export type { LiveBalance, LiveBalances } from './live-balances.ts';
export { heldKeys } from './line-ledger.ts';
export type {
  AcquireRequest,
  AcquireResult,
  AdvanceRequest,
  AdvanceResult,
  BalanceClaim,
  FullLine,
  LimitClaim,
  LineHolder,
  LineLedger,
  LineUse,
  PeekResult,
  SkippedChoice,
} from './line-ledger.ts';
