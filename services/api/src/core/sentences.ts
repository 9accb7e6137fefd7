import { readDecision } from '@tandem/domain';
import type { Decision, DecisionKind, DecisionRecord } from '@tandem/domain';
import type { Attempt } from '@tandem/proto/events';
import { authWordings } from './auth-wordings.ts';
import { edgeWordings } from './edge-wordings.ts';
import { routingWordings } from './routing-wordings.ts';
import { readable } from './wording.ts';
import type { Wording, Wordings } from './wording.ts';

/** A sentence for every kind of decision there is: a kind without one does not compile. */
const wordings: Wordings<DecisionKind> = { ...authWordings, ...routingWordings, ...edgeWordings };

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

/** An attempt at one gateway as one sentence. */
export function sentenceOfAttempt(attempt: Attempt): string {
  const where = `${attempt.gateway}${attempt.address === '' ? '' : ` at ${attempt.address}`}`;
  const lasted =
    attempt.endedMs === 0
      ? ''
      : ` after ${String(Math.round((attempt.endedMs - attempt.startedMs) / 100) / 10)} s`;
  if (attempt.reason === '') {
    return attempt.code >= 200 && attempt.code < 300
      ? `${where} answered.`
      : `${where} is being tried.`;
  }
  const text = attempt.text === '' ? '' : ` (${attempt.text})`;
  return `${where} failed${lasted} with ${String(attempt.code)} ${attempt.reason}${text}.`;
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
