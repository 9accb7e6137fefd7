import type { DecisionRecord } from '@tandem/domain';
import { decodeAttempt } from '../core/attempt.ts';
import { decodeTerms } from '../core/session-terms.ts';
import { elsewhereText, terminalText } from '../core/terminal.ts';
import type {
  BlacklistEntry,
  Blacklisted,
  Ended,
  GatheredFailure,
  IssueCommand,
  RefuseResult,
  Stale,
  Suspended,
  Suspension,
  UnansweredChallenge,
} from '../ports.ts';

/** A script's reply: the kind of result, then its values in the script's order. */
export type Reply = readonly string[];

/** What is refused or challenged again; undefined where the reply is of another kind. */
export function resultFrom(
  { terminal }: IssueCommand,
  reply: Reply,
): Suspended | Blacklisted | Ended | Extract<RefuseResult, { kind: 'challenged' }> | undefined {
  const [kind, second = '', third = '', fourth = '', fifth = '', sixth = ''] = reply;
  switch (kind) {
    case 'challenged': {
      const count = { session: Number(fifth), terminal: Number(sixth) };
      return { kind, nonce: second, realm: third, terms: decodeTerms(fourth), count };
    }
    case 'ended': {
      const count = { session: Number(fourth), terminal: Number(fifth) };
      const limit = second === 'timeout' ? 'timeout' : 'retry';
      return { kind, limit, terms: decodeTerms(third), count, isRecorded: sixth === '1' };
    }
    case 'suspended': {
      const name = reply[7] === 'elsewhere' ? elsewhereText(terminal) : terminalText(terminal);
      return { kind, suspension: suspensionFrom(name, reply), isRecorded: reply[8] === '1' };
    }
    case 'black-listed':
      return { kind, entry: entryFrom(terminal.place, reply), isNew: sixth === 'new' };
    default:
      return undefined;
  }
}

export function staleFrom([, cause, nonce = '', realm = '', terms = '']: Reply): Stale {
  return {
    kind: 'stale',
    cause: staleCauses.find((known) => known === cause) ?? 'unknown-nonce',
    nonce,
    realm,
    terms: decodeTerms(terms),
  };
}

const staleCauses: readonly Stale['cause'][] = [
  'replayed',
  'unknown-nonce',
  'other-place',
  'other-realm',
  'worn-out',
];

/** The CSeq, how many were challenged, why the last nonce was not good ('': it had none), and the attempt. */
const TOLD = /^\d+ (\d+) (\S*) (.*)$/s;

export function unansweredFrom([session = '', told = '']: Reply): UnansweredChallenge {
  const [, cycles, stale, attempt = ''] = TOLD.exec(told) ?? [];
  return {
    session,
    ...decodeAttempt(attempt),
    cycles: Number(cycles),
    stale: staleCauses.find((known) => known === stale),
  };
}

export function suspensionFrom(terminal: string, reply: Reply): Suspension {
  const [, since, until, failures, limit, cause = '', lastSource = '', ...rest] = reply;
  // Where it is, and whether it has a CDR, stand between.
  const [, , explanation = ''] = rest;
  return {
    terminal,
    sinceMs: Number(since),
    untilMs: Number(until),
    failures: Number(failures),
    maxFailures: Number(limit),
    cause,
    explanation,
    lastSource,
  };
}

export function entryFrom(place: string, reply: Reply): BlacklistEntry {
  const [, since, until, failures, cause = ''] = reply;
  return {
    place,
    sinceMs: Number(since),
    untilMs: Number(until),
    failures: Number(failures),
    cause,
  };
}

export function gatheredFrom(reply: Reply): GatheredFailure {
  const [user = '', place = '', first, last, count, cause = '', ...told] = reply;
  const [reason = '', explanation = '', decision = ''] = told;
  return {
    user,
    place,
    firstMs: Number(first),
    lastMs: Number(last),
    count: Number(count),
    cause,
    reason,
    explanation,
    // Nothing where an earlier version has gathered it.
    decision: decision === '' ? undefined : (JSON.parse(decision) as DecisionRecord),
  };
}
