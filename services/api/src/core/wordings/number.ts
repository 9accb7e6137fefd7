import type { FactsOf } from '@tandem/domain';
import { leftOut, readable, step, trouble } from './wording.ts';
import type { Wordings } from './wording.ts';

/** What routing decides about numbers by rules, lists and pools (ROUTE-10), in words. */
export const numberWordings: Wordings<
  | 'number-rewritten'
  | 'number-rule-failed'
  | 'caller-rule-failed'
  | 'gateway-rule-failed'
  | 'number-barred'
  | 'number-allowed'
  | 'gateway-number-barred'
  | 'caller-from-pool'
> = {
  // "callee 442079460000 was made of 02079460000 by rule 1 of uk (strip 1, prepend 44), for carrier-a".
  'number-rewritten': ({ subject, facts }) =>
    step(`${subject} was made of ${facts.before} by ${ruleOf(facts)}${forGateway(facts)}`),
  'number-rule-failed': ({ facts }) =>
    trouble(
      `${ruleOf(facts)} would have made ${made(facts)} of the called number ${facts.before}, which nobody can be called by`,
      `Correct the rule, or give it conditions (when) that ${facts.before} does not fulfil.`,
    ),
  'caller-rule-failed': ({ facts }) =>
    step(
      `the caller's number ${facts.before} was left out${forGateway(facts)}: ${ruleOf(facts)} would have made ${made(facts)} of it`,
    ),
  'gateway-rule-failed': (decision) =>
    leftOut(
      decision,
      `${ruleOf(decision.facts)} would have made ${made(decision.facts)} of the called number ${decision.facts.before}`,
      `Correct rule ${String(decision.facts.rule)} of ${decision.facts.set}, or give it conditions (when) that ${decision.facts.before} does not fulfil.`,
    ),
  'number-barred': ({ subject, facts }) =>
    trouble(
      `${barred(facts)} of ${subject === 'switch' ? 'the switch' : readable(subject)}`,
      letThrough(facts),
    ),
  'number-allowed': ({ subject, facts }) =>
    step(
      `${facts.side} ${facts.number} is in list ${facts.list} (${facts.entry}), which ${subject === 'switch' ? 'the switch' : readable(subject)} allows`,
    ),
  'gateway-number-barred': (decision) =>
    leftOut(decision, barred(decision.facts), letThrough(decision.facts)),
  'caller-from-pool': ({ subject, facts }) =>
    step(
      `${subject} was taken from pool ${facts.pool} (${facts.pick}) for ${facts.gateway}, in place of ${facts.before === '' ? 'none' : facts.before}`,
    ),
};

function letThrough({ entry, list, number, verdict }: FactsOf<'number-barred'>): string {
  if (verdict === 'denied') {
    const taken = entry ?? number;
    const how = taken === '' ? '' : ` (\`tandem lists remove ${list} ${taken}\`)`;
    return `Take ${taken === '' ? 'it' : taken} out of the list${how}, if the call should be let through.`;
  }
  const [first = ''] = list.split(/[ ,]+/);
  const how = number === '' ? '' : `: \`tandem lists add ${first} ${number}\``;
  return `Add the number to one of these lists, if the call should be let through${how}.`;
}

function ruleOf({ set, rule, action }: FactsOf<'number-rewritten'>): string {
  return `rule ${String(rule)} of ${set} (${action})`;
}

function forGateway({ gateway }: FactsOf<'number-rewritten'>): string {
  return gateway === undefined ? '' : `, for ${gateway}`;
}

function made({ after }: FactsOf<'number-rule-failed'>): string {
  return after === '' ? 'nothing' : after;
}

/** "callee 44900 is in list premium (4490), which is among denyCallees". */
function barred({ entry, list, number, side, verdict }: FactsOf<'number-barred'>): string {
  const who = number === '' ? `a call without a ${side}'s number` : `${side} ${number}`;
  const kind = side === 'caller' ? 'Callers' : 'Callees';
  return verdict === 'denied'
    ? `${who} is in list ${list}${entry === undefined ? '' : ` (${entry})`}, which is among deny${kind}`
    : `${who} is in none of the lists ${list}, which are allow${kind}`;
}
