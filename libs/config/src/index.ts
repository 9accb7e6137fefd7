import { fileURLToPath } from 'node:url';

export { alarmRulesOf } from './alarms/alarm-settings.ts';
export type { AlarmChannel, ConfiguredAlarmRule } from './alarms/alarm-settings.ts';
export { alarmSeverities, builtInAlarmRules } from './alarms/built-in-rules.ts';
export type { AlarmRule, AlarmSeverity } from './alarms/built-in-rules.ts';
export { alarmFigure, alarmFigureNames } from './alarms/figures.ts';
export type { AlarmFigure, AlarmFigureName } from './alarms/figures.ts';
export { callerAnswersOf, codeMappings } from './caller-answers.ts';
export type { CallerAnswers } from './caller-answers.ts';
export { completeConfiguration, configurationShape } from './complete-configuration.ts';
export { INTERNAL_CALLS } from './internal-calls.ts';
export { applyDelta, deltaBetween } from './delta.ts';
export type { ConfigurationDelta } from './delta.ts';
export { checkChange } from './check-change.ts';
export { foldInThread, readDocumentInThread } from './read-in-thread.ts';
export { readStoredSnapshot } from './stored-snapshot.ts';
export type { DocumentPlace } from './document-pieces.ts';
export { changesFrom, storeState, wholeVersion } from './stored-versions.ts';
export type { Queryable } from './stored-versions.ts';
export { dynamicGateways } from './dynamic-gateways.ts';
export type { DynamicGateway } from './dynamic-gateways.ts';
export { configurationSchema } from './document.ts';
export { challengeAlgorithms, expectations } from './fields.ts';
export type {
  Account,
  CallType,
  Configuration,
  GatewayGroup,
  MappingGateway,
  Phone,
  Rate,
  RateGroup,
  RoutePolicy,
  RoutingGateway,
  InvoiceIssuer,
  Schedule,
  SlimConfiguration,
  SlimRoutingGateway,
} from './document.ts';
export { knownScanners } from './known-scanners.ts';
export { knownUserAgents } from './known-user-agents.ts';
export type { KnownUserAgent } from './known-user-agents.ts';
export { passingMedia } from './media-settings.ts';
export type { MediaSettings } from './media-settings.ts';
export type {
  ListTerms,
  NumberCondition,
  NumberListEntry,
  NumberPool,
  NumberRule,
  NumberRuleSet,
} from './number-settings.ts';
export {
  environmentVariables,
  fileKey,
  misspeltVariables,
  readEnvironment,
} from './environment.ts';
export type { EnvironmentVariable } from './environment.ts';
export { ConfigurationError, formatMistake } from './mistake.ts';
export type { Mistake } from './mistake.ts';
export { formatHostPort, parseAddress, parseHostPort, parseNetwork } from './network.ts';
export type { HostPort, Network } from './network.ts';
export { weekdays } from './schedules.ts';
export { parameters } from './parameters.ts';
export type { Parameter, ParameterName } from './parameters.ts';
export { checkConfiguration, parseConfiguration } from './parse-configuration.ts';
export type { ParseResult } from './parse-configuration.ts';
export {
  mapPasswords,
  maskPasswords,
  openPasswords,
  PASSWORD_MASK,
  sealPasswords,
} from './passwords.ts';
export { parsedText } from './parsed-text.ts';
export { didYouMean } from './suggest.ts';
export { parseRedisUrl } from './redis-url.ts';
export type { RedisPlace } from './redis-url.ts';
export { readTogether } from './read-together.ts';
export { releaseMemory } from './release-memory.ts';
export { stepBack } from './step-back.ts';
export { describeRange, readParameters } from './read-parameters.ts';
export type { ParameterOverrides, ParameterValues } from './read-parameters.ts';
export {
  isSealed,
  openSecret,
  readSecretKey,
  sealSecret,
  secretKeyFrom,
  secretKeysOf,
} from './secrets.ts';
export { isPublicAddress, unusableAddress, unusableNetwork } from './usable-address.ts';
export { isAskedFromOutside, processVariables, serviceNames, services } from './services.ts';
export type { OutsideThing, Service, ServiceName } from './services.ts';
export { settings } from './settings.ts';
export { CONFIGURATION_CHANNEL, openSnapshots } from './pg-snapshots.ts';
export type { SnapshotLogger, SnapshotSettings } from './pg-snapshots.ts';
export type { ImportSource } from './pg-imports.ts';
export { contentOf, openNumberLists, packedBytes } from './pg-number-lists.ts';
export type { ImportedList } from './pg-number-lists.ts';
export { RatePacker, RateReader, RouteOwners } from './packed-lists.ts';
export type { PackedLists, PackedRates, PackedRoutes, RateTerms } from './packed-lists.ts';
export { mergeSheet, RateSheet, sheetChanges } from './rate-sheets/rate-sheet.ts';
export type { MergedSheet, PrefixChange, SheetRows } from './rate-sheets/rate-sheet.ts';
export { sheetsInEffect, withImportedRates } from './rate-sheets/imported-rates.ts';
export type { HeldImport, SheetVersion } from './rate-sheets/imported-rates.ts';
export { rateOfNumber } from './rate-sheets/rate-of-number.ts';
export { overlay, rateAt, timesOfRate } from './rate-sheets/times-of-rates.ts';
export type { RateChangeKind, TimedRates } from './rate-sheets/times-of-rates.ts';
export { openRateSheets, readSheet } from './rate-sheets/pg-rate-sheets.ts';
export type { ImportedSheet, SheetPlace } from './rate-sheets/pg-rate-sheets.ts';
export { memorySnapshots, snapshotOf } from './snapshots.ts';
export type { MemorySnapshots, Snapshot, SnapshotSource } from './snapshots.ts';

/** Folder of the migrations of schema `tandem_config`; the service api runs them. */
export const configurationMigrations = fileURLToPath(new URL('../migrations', import.meta.url));
