import type { KindTable } from './kind.ts';

const rule = { set: 'text', rule: 'number', action: 'text', before: 'text' } as const;

const listed = {
  side: ['caller', 'callee'],
  number: 'text',
  list: 'text',
  /** It is in a list that is denied, or in none of those that are allowed. */
  verdict: ['denied', 'not-allowed'],
} as const;

/** The entry of the list that holds the number. */
const entry = { entry: 'text' } as const;
const prefix = { prefix: 'text' } as const;

/** What routing decides about numbers by rules, lists and pools (ROUTE-10). */
export const numberDecisions = {
  // `gateway`: on the way to it alone.
  'number-rewritten': {
    service: 'routing',
    check: 'number-rule',
    result: 'passed',
    facts: rule,
    optional: { gateway: 'text' },
  },
  // DENY-09: a rule left no number that can be called.
  'number-rule-failed': {
    service: 'routing',
    check: 'number-rule',
    result: 'refused',
    reason: 'UserNotFound',
    facts: { ...rule, after: 'text' },
  },
  // The call goes on without a caller's number.
  'caller-rule-failed': {
    service: 'routing',
    check: 'number-rule',
    result: 'skipped',
    facts: { ...rule, after: 'text' },
    optional: { gateway: 'text' },
  },
  // ROUTE-12: the same for a gateway, which is left out.
  'gateway-rule-failed': {
    service: 'routing',
    check: 'number-rule',
    result: 'skipped',
    reason: 'NoAvailableRouter',
    facts: { ...rule, after: 'text' },
    optional: prefix,
  },
  // DENY-20
  'number-barred': {
    service: 'routing',
    check: 'number-list',
    result: 'refused',
    reason: 'NumberBarred',
    facts: listed,
    optional: entry,
  },
  'number-allowed': {
    service: 'routing',
    check: 'number-list',
    result: 'passed',
    facts: { side: listed.side, number: 'text', list: 'text', entry: 'text' },
  },
  'gateway-number-barred': {
    service: 'routing',
    check: 'number-list',
    result: 'skipped',
    reason: 'NumberBarred',
    facts: listed,
    optional: { ...entry, ...prefix },
  },
  'caller-from-pool': {
    service: 'routing',
    check: 'number-pool',
    result: 'passed',
    facts: {
      gateway: 'text',
      pool: 'text',
      pick: ['random', 'round-robin', 'sticky-callee', 'sticky-caller'],
      before: 'text',
    },
  },
} as const satisfies KindTable;
