import { unmet } from './precondition.ts';
import type {
  AcquireResult,
  AdvanceResult,
  FullLine,
  LimitClaim,
  SkippedChoice,
} from './line-ledger.ts';

/** The claim by its index in the script's KEYS. */
type ClaimAt = (index: number) => LimitClaim | undefined;

export function readAcquireReply(reply: unknown, claimAt: ClaimAt): AcquireResult {
  const [kind, ...rest] = reply as [string, ...unknown[]];
  switch (kind) {
    case 'taken':
      return {
        kind: 'taken',
        ...readBalances(rest[0]),
        choice: Number(rest[1]),
        skipped: readSkipped(rest[2], claimAt),
      };
    case 'full':
      return {
        kind: 'full',
        balance: readBalances(rest[0]).balance,
        line: readFull(rest.slice(1), claimAt),
      };
    case 'all-full':
      return {
        kind: 'all-full',
        balance: readBalances(rest[0]).balance,
        skipped: readSkipped(rest[1], claimAt),
      };
    case 'no-balance':
      return {
        kind: 'no-balance',
        ...resellerAt(rest[3]),
        balance: BigInt(String(rest[0])),
        reserved: BigInt(String(rest[1])),
        holders: (rest[2] as unknown[]).map(String),
      };
    case 'unmet':
      throw unmet();
    default:
      return { kind: 'balance-unknown', ...resellerAt(rest[0]) };
  }
}

export function readAdvanceReply(reply: unknown, claimAt: ClaimAt): AdvanceResult {
  const [kind, ...rest] = reply as [string, ...unknown[]];
  return kind === 'taken'
    ? { kind: 'taken', choice: Number(rest[0]), skipped: readSkipped(rest[1], claimAt) }
    : { kind: 'all-full', skipped: readSkipped(rest[0], claimAt) };
}

/** The account's own, then those of its resellers. */
function readBalances(value: unknown): { balance: bigint | undefined; resold?: readonly bigint[] } {
  if (typeof value !== 'string' || value === '') return { balance: undefined };
  const [balance, ...resold] = value.split(' ').map(BigInt);
  return { balance, ...(resold.length > 0 && { resold }) };
}

/** @param level 0 = the account itself */
function resellerAt(level: unknown): { reseller?: number } {
  return level === 0 ? {} : { reseller: Number(level) - 1 };
}

function readSkipped(value: unknown, claimAt: ClaimAt): SkippedChoice[] {
  return (value as unknown[][]).map(([choice, ...full]) => ({
    choice: Number(choice),
    line: readFull(full, claimAt),
  }));
}

function readFull(fields: readonly unknown[], claimAt: ClaimAt): FullLine {
  const [index, asked, inUse, holders] = fields;
  const { key = '', limit = Number(asked), per, reserved } = claimAt(Number(index)) ?? {};
  return {
    key,
    limit,
    ...(per !== undefined && { per }),
    ...(reserved !== undefined && { reserved }),
    inUse: Number(inUse),
    holders: (holders as unknown[]).map(String),
  };
}
