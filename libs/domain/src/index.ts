export { challengePhrases, isRefusalReason, refusals, requestRefusals } from './refusals.ts';
export type {
  EndedBy,
  Refusal,
  RefusalReason,
  RequestRefusal,
  RequestRefusalReason,
  TerminationReason,
} from './refusals.ts';
export { causeOfCode, codeOfCause, q850Cause } from './q850.ts';
export { formatMoney, multiplyRatio, parseMoney } from './money.ts';
export type { Nanos } from './money.ts';
export {
  bareNumber,
  isName,
  isNameOfDigits,
  numberOfUsername,
  prefixName,
  readNumber,
  readUsername,
} from './number.ts';
export type { NumberReading } from './number.ts';
export { numberExpression } from './number-expression.ts';
export type { NumberExpression } from './number-expression.ts';
export { countMissing, listContent, NumberList, numbersOf, readListNumber } from './number-list.ts';
export type { NumberListContent, NumberMatch } from './number-list.ts';
export { USUAL_ROUNDING, roundingOf, secondsRoundings, wholeSeconds } from './rounding.ts';
export type { SecondsRounding } from './rounding.ts';
export { isCurrency, minorUnitOf } from './currencies.ts';
export {
  callSeconds,
  charge,
  incrementsOf,
  leastPrice,
  longestSeconds,
  readTariff,
} from './tariff.ts';
export type { Charge, Increments, Tariff, TariffTexts } from './tariff.ts';
export { SwitchError, switchErrorCodes } from './switch-error.ts';
export type { SwitchErrorCode } from './switch-error.ts';
export { PrefixTable } from './prefix-table.ts';
export type { PrefixEntry, PrefixMatch } from './prefix-table.ts';
export { PrefixIndex } from './prefix-index.ts';
export { PrefixIndexBuilder } from './prefix-index-builder.ts';
export { atOnce, eachInSteps, sortedInSteps } from './steps.ts';
export type { Steps } from './steps.ts';
export { decisionKinds } from './decisions/decision.ts';
export type {
  Decision,
  DecisionKind,
  DecisionRecord,
  FactsOf,
  ReasonOf,
} from './decisions/decision.ts';
export { decided } from './decisions/write-decision.ts';
export type { Decided } from './decisions/write-decision.ts';
export { readDecision } from './decisions/read-decision.ts';
export {
  hasIdentityTerm,
  identityHeaders,
  identityTerms,
  identityTermsOf,
} from './identity-terms.ts';
export type { IdentityHeader, IdentitySetting, IdentityTerm } from './identity-terms.ts';
export { journalCauses, journalKinds, journalOutcomes } from './journal/causes.ts';
export { operationCauses } from './journal/operation-causes.ts';
export { watchedParts } from './journal/part-causes.ts';
export type { WatchedPart } from './journal/part-causes.ts';
export { requestCauses } from './journal/request-causes.ts';
export type { JournalCauseRow, JournalKind, JournalOutcome } from './journal/causes.ts';
export {
  isJournalCause,
  journalCauseOf,
  journalCausesOf,
  readJournalCause,
} from './journal/entry.ts';
export type {
  JournalAbout,
  JournalCause,
  JournalFacts,
  JournalNote,
  JournalSender,
  JournalWhy,
} from './journal/entry.ts';
