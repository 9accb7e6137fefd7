import { codeOfCause, q850Cause, requestRefusals } from '@tandem/domain';
import type { AnswerTerms } from '@tandem/proto/routing';
import { reasonPhrase, toWire } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { ToldCode } from './call-state.ts';

/** What a refusal is told as, and which rule says so. */
export interface MappedCode extends ToldCode {
  /** The rule that changed the code last; undefined where it is as it came. */
  readonly map: 'codeMap' | 'q850' | 'RFC 3261 16.7' | undefined;
  /** What it is read as before anything is told: by its cause of Q.850, where that counts. */
  readonly readCode: number;
  /** The cause of Q.850 that was read. */
  readonly cause: number | undefined;
}

/**
 * A carrier's refusal as it is told (DENY-18): its cause of Q.850 says its code where the gateway wants that, then the gateway's
 * code map. A 503 that is in none is 500: it says nothing of the switch, which its sender would leave alone (RFC 3261 §16.7 step 6).
 */
export function mappedRefusal(
  { status, reason, headers }: SipResponse,
  terms: AnswerTerms | undefined,
): MappedCode {
  const cause = terms?.readsCause === true ? q850Cause(headers.getAll('Reason')) : undefined;
  const readCode = codeOf(cause, terms) ?? status;
  const read =
    readCode === status
      ? { code: status, phrase: reason, map: undefined }
      : { code: readCode, phrase: reasonPhrase(readCode), map: 'q850' as const };
  const rest = { readCode, cause: read.map === undefined ? undefined : cause };
  const told = mappedCode(readCode, terms);
  if (told !== undefined) return { ...told, ...rest, map: 'codeMap' };
  if (readCode !== 503) return { ...read, ...rest };
  const { code, phrase } = requestRefusals.PeerUnavailable;
  return { code, phrase, ...rest, map: 'RFC 3261 16.7' };
}

/** What a code map makes of a code; undefined where it leaves it. */
export function mappedCode(code: number, terms: AnswerTerms | undefined): ToldCode | undefined {
  const mapping = terms?.codes.find(({ from }) => from === code);
  if (mapping === undefined) return undefined;
  const phrase = mapping.phrase === '' ? reasonPhrase(mapping.to) : toWire(mapping.phrase);
  return { code: mapping.to, phrase };
}

function codeOf(cause: number | undefined, terms: AnswerTerms | undefined): number | undefined {
  if (cause === undefined) return undefined;
  return terms?.causes.find(({ from }) => from === cause)?.to ?? codeOfCause(cause);
}

/** A provisional response as the caller gets it; undefined where it is as it came. */
export interface ShownProgress {
  readonly status: number;
  readonly phrase: string;
  readonly hasSdp: boolean;
}

/**
 * What a gateway's 180 and 183 are told as, and whether early media goes with any 18x. A reliable one keeps its session
 * description: it may be the only answer that the caller gets (RFC 3262 §5).
 */
export function shownProgress(
  response: SipResponse,
  hasSdp: boolean,
  terms: AnswerTerms | undefined,
): ShownProgress | undefined {
  if (terms === undefined) return undefined;
  const { status, reason, headers } = response;
  const wanted = status === 180 ? terms.ringing : status === 183 ? terms.progress : 0;
  const shown = wanted === 0 ? status : wanted;
  const keepsSdp = hasSdp && (!terms.dropsEarlySdp || headers.has('RSeq'));
  if (shown === status && keepsSdp === hasSdp) return undefined;
  const phrase = shown === status ? reason : reasonPhrase(shown);
  return { status: shown, phrase, hasSdp: keepsSdp };
}
