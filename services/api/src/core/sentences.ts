import type { Decision } from '@tandem/proto/decision';
import type { Attempt } from '@tandem/proto/events';
import { FactReader } from './fact-reader.ts';
import { isTold, tellings } from './reasons.ts';

type Sentence = (facts: FactReader) => string;

/** What was decided where nothing went wrong, by `check` and `result`. */
const GOOD: Readonly<Record<string, Sentence>> = {
  'source-address passed': (f) =>
    `${f.who('The origin')} is known by its address${f.when(['source'], (v) => ` ${v}`)}${f.when(['mode'], (v) => ` (mode ${v})`)}.`,
  'digest passed': (f) =>
    `${f.who('The origin')} proved its password${f.when(['algorithm'], (v) => ` by ${v}`)}${f.when(['realm'], (v) => ` in realm ${v}`)}.`,
  'digest challenged': (f) =>
    `${f.who('The origin')} was challenged${f.when(['code'], (v) => ` with ${v}`)}${f.when(['cause'], (v) => `: ${v}`)}.`,
  'authentication-mode passed': (f) =>
    `${f.who('The origin')} authenticates by ${f.get('mode') ?? 'its mode'}.`,
  'suspension passed': (f) => `${f.who('The terminal')} is not suspended.`,
  'account-status passed': (f) => `${f.who('The account')} is active.`,
  'validity passed': (f) =>
    `${f.who('The account')} is valid${f.when(['valid-until', 'validUntil'], (v) => ` until ${v}`)}.`,
  'balance passed': (f) =>
    `${f.who('The account')} has ${f.get('balance') ?? 'enough'}${f.when(['overdraft'], (v) => ` and an overdraft of ${v}`)}.`,
  'rate passed': (f) =>
    `The price is ${f.get('price-per-minute', 'price') ?? 'that of the rate'} a minute${f.when(['prefix'], (v) => `, prefix ${v}`)}${f.when(['rate-group'], (v) => `, rate group ${v}`)}.`,
  'lines passed': (f) =>
    `A line of ${f.who('the origin')} was taken${f.when(['in-use'], (v) => `, ${v} in use`)}${f.when(['limit'], (v) => `, limit ${v}`)}.`,
  'candidate chosen': (f) =>
    `${f.who('The gateway')} was chosen${f.when(['prefix'], (v) => ` for prefix ${v}`)}${f.when(['priority'], (v) => `, priority ${v}`)}.`,
  'candidate passed': (f) =>
    `${f.who('The gateway')} may be used${f.when(['prefix'], (v) => ` for prefix ${v}`)}${f.when(['priority'], (v) => `, priority ${v}`)}.`,
  'digest answered': (f) => `The challenge of ${f.who('the gateway')} was answered.`,
};

/** What a left-out gateway's facts mean, by the reason or cause that routing gives. */
const SKIPPED: Readonly<Record<string, Sentence>> = {
  AllGatewayBusy: (f) =>
    f.get('lock') !== undefined && f.get('lock') !== 'none'
      ? `it is locked (lock ${f.get('lock') ?? ''})`
      : `its lines are all in use${f.when(['limit', 'line-limit'], (v) => `, limit ${v}`)}${f.when(['holders', 'held-by'], (v) => `, held by ${v}`)}`,
  AccountBalanceNotEnough: (f) =>
    `its vendor ${f.get('account', 'vendor') ?? ''} is locked or out of funds`.replace('  ', ' '),
};

/** A decision as one sentence with the values that decided. */
export function sentenceOf(decision: Decision): string {
  const facts = new FactReader(decision);
  const good = GOOD[`${decision.check} ${decision.result}`];
  if (good !== undefined) return capital(good(facts));
  if (decision.result === 'skipped') return capital(skipped(decision, facts));
  if (isTold(decision.reason)) {
    return capital(`${tellings[decision.reason].why(facts)}.`);
  }
  return capital(plainSentence(decision, facts));
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

function skipped(decision: Decision, facts: FactReader): string {
  const who = facts.who('The gateway');
  const cause = facts.get('cause', 'why');
  const told = SKIPPED[decision.reason];
  if (cause !== undefined)
    return `${who} was left out: ${cause}${valuesOf(decision, ['cause', 'why'])}.`;
  if (told !== undefined) return `${who} was left out: ${told(facts)}.`;
  return `${who} was left out${decision.reason === '' ? '' : `: ${decision.reason}`}${valuesOf(decision, [])}.`;
}

/** For a check that a newer service makes: its own words and all its values. */
function plainSentence(decision: Decision, facts: FactReader): string {
  const check = decision.check.replaceAll('-', ' ');
  const reason = decision.reason === '' ? '' : ` (${decision.reason})`;
  return `${facts.who(decision.service)}: ${check} ${decision.result}${reason}${valuesOf(decision, [])}.`;
}

function valuesOf(decision: Decision, without: readonly string[]): string {
  const shown = decision.facts.filter(({ name, value }) => value !== '' && !without.includes(name));
  return shown.length === 0
    ? ''
    : `; ${shown.map(({ name, value }) => `${name} ${value}`).join(', ')}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
