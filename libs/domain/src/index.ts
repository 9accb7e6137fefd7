export { refusals, isRefusalReason } from './refusals.ts';
export type { EndedBy, Refusal, RefusalReason, TerminationReason } from './refusals.ts';
export { formatMoney, multiplyRatio, parseMoney } from './money.ts';
export type { Nanos } from './money.ts';
export { SwitchError, switchErrorCodes } from './switch-error.ts';
export type { SwitchErrorCode } from './switch-error.ts';
export { PrefixTable } from './prefix-table.ts';
export type { PrefixEntry, PrefixMatch } from './prefix-table.ts';
