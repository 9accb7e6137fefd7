import { unmet } from './precondition.ts';
import type { AcquireResult, AdvanceResult, FullLine, SkippedChoice } from './line-ledger.ts';

/** The claim's key by its index in the script's KEYS. */
type KeyAt = (index: number) => string;

export function readAcquireReply(reply: unknown, keyAt: KeyAt): AcquireResult {
  const [kind, ...rest] = reply as [string, ...unknown[]];
  switch (kind) {
    case 'taken':
      return {
        kind: 'taken',
        balance: readBalance(rest[0]),
        choice: Number(rest[1]),
        skipped: readSkipped(rest[2], keyAt),
      };
    case 'full':
      return {
        kind: 'full',
        balance: readBalance(rest[0]),
        line: readFull(rest.slice(1), keyAt),
      };
    case 'all-full':
      return {
        kind: 'all-full',
        balance: readBalance(rest[0]),
        skipped: readSkipped(rest[1], keyAt),
      };
    case 'no-balance':
      return {
        kind: 'no-balance',
        balance: readBalance(rest[0]) ?? 0n,
        reserved: readBalance(rest[1]) ?? 0n,
        holders: (rest[2] as unknown[]).map(String),
      };
    case 'unmet':
      throw unmet();
    default:
      return { kind: 'balance-unknown' };
  }
}

export function readAdvanceReply(reply: unknown, keyAt: KeyAt): AdvanceResult {
  const [kind, ...rest] = reply as [string, ...unknown[]];
  return kind === 'taken'
    ? { kind: 'taken', choice: Number(rest[0]), skipped: readSkipped(rest[1], keyAt) }
    : { kind: 'all-full', skipped: readSkipped(rest[0], keyAt) };
}

function readBalance(value: unknown): bigint | undefined {
  return typeof value === 'string' && value !== '' ? BigInt(value) : undefined;
}

function readSkipped(value: unknown, keyAt: KeyAt): SkippedChoice[] {
  return (value as unknown[][]).map(([choice, ...full]) => ({
    choice: Number(choice),
    line: readFull(full, keyAt),
  }));
}

function readFull(fields: readonly unknown[], keyAt: KeyAt): FullLine {
  const [index, limit, inUse, holders] = fields;
  return {
    key: keyAt(Number(index)),
    limit: Number(limit),
    inUse: Number(inUse),
    holders: (holders as unknown[]).map(String),
  };
}
