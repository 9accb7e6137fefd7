import { readDecision } from '@tandem/domain';
import type { Decision, DecisionKind, DecisionRecord } from '@tandem/domain';
import type { Attempt } from '@tandem/proto/events';
import { reasonPhrase } from '@tandem/sip';
import { authWordings } from './auth.ts';
import { edgeWordings } from './edge.ts';
import { candidateWordings } from './candidate.ts';
import { numberWordings } from './number.ts';
import { routingWordings } from './routing.ts';
import { isReasonHeader, reasonInWords } from './remedies.ts';
import { readable } from './wording.ts';
import type { Wording, Wordings } from './wording.ts';

/** A sentence for every kind of decision there is: a kind without one does not compile. */
const wordings: Wordings<DecisionKind> = {
  ...authWordings,
  ...candidateWordings,
  ...routingWordings,
  ...numberWordings,
  ...edgeWordings,
};

/** A decision in words. */
export function wordingOf(decision: Decision): Wording {
  // The entry of its own kind takes it.
  const wording = wordings[decision.kind] as (decision: Decision) => Wording;
  return wording(decision);
}

/** A recorded decision in words; undefined where it is another version's. */
export function recordedWording(record: DecisionRecord): Wording | undefined {
  const decision = readDecision(record);
  return decision === undefined ? undefined : wordingOf(decision);
}

/** A recorded decision as one sentence with the values that decided. */
export function sentenceOf(record: DecisionRecord): string {
  const wording = recordedWording(record);
  switch (wording?.kind) {
    case 'step':
      return capital(`${wording.text}.`);
    case 'left-out':
      return capital(`${readable(wording.gateway)} was left out: ${wording.cause}.`);
    case 'trouble':
      return capital(`${wording.why}.`);
    case undefined:
      return capital(plainSentence(record));
  }
}

/** An attempt at one gateway, or at one device of a phone, as one sentence. */
export function sentenceOfAttempt(attempt: Attempt): string {
  const { address, code, endedMs, reason, startedMs, text } = attempt;
  const where = `${calledBy(attempt)}${address === '' ? '' : ` at ${address}`}`;
  const lasted =
    endedMs === 0 ? '' : ` after ${String(Math.round((endedMs - startedMs) / 100) / 10)} s`;
  const why = text === '' || isReasonHeader(text) ? '' : ` (${text})`;
  if (isGivenUp(attempt)) return `${where} was given up${lasted}${why}.`;
  if (reason === '') {
    return code >= 200 && code < 300 ? `${where} answered.` : `${where} is being tried.`;
  }
  return `${where} failed${lasted} with ${said(attempt)}.`;
}

/** What an attempt came to: "486 Busy Here, cause 17 of Q.850", "408, since it sent nothing at all". */
export function said({ code, reason, text }: Attempt): string {
  const own = ways[reason];
  if (own !== undefined) return `${String(code)}, since it ${own}`;
  if (!isReasonHeader(text)) return `${String(code)}${text === '' ? '' : ` ${text}`}`;
  const words = reasonInWords(text);
  const phrase = reasonPhrase(code);
  const answer = `${String(code)}${phrase === '' ? '' : ` ${phrase}`}`;
  return words === undefined ? answer : `${answer}, ${words}`;
}

/** What became of an attempt that nobody answered with a code of his own. */
const ways: Readonly<Record<string, string | undefined>> = {
  InviteTimeout: 'sent nothing at all',
  GatewayTimeout: 'gave no final answer in time',
  BadGateway: 'could not be used',
  CallerCancelled: 'was given up with the call',
};

/** "carrier-a"; of one of several devices "phone 1002 (sip:1002@10.0.0.7)". */
export function calledBy({ contact, gateway }: Attempt): string {
  return contact === undefined ? gateway : `${gateway} (${contact})`;
}

/** Whether the call was decided on another branch (REG-03). */
export function isGivenUp({ code, endedMs, reason }: Attempt): boolean {
  return reason === '' && endedMs !== 0 && code >= 300;
}

/** For a decision of another version: its own words and all its values. */
function plainSentence(record: DecisionRecord): string {
  const { service, check, result, subject, reason } = record;
  const who = subject === '' ? service : readable(subject);
  const why = reason === '' ? '' : ` (${reason})`;
  const values = valuesOf(record);
  return `${who}: ${check.replaceAll('-', ' ')} ${result}${why}${values === '' ? '' : `; ${values}`}.`;
}

/** "limit 5, holders call-7". */
export function valuesOf({ facts }: DecisionRecord): string {
  const shown = facts.filter(({ value }) => value !== '');
  return shown.map(({ name, value }) => `${name} ${value}`).join(', ');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
