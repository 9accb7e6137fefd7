import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionKinds } from '@tandem/domain';
import type { DecisionKind } from '@tandem/domain';
import ts from 'typescript';
import { serviceSources } from './source-files.ts';

/** Who makes each kind of decision. */
const producers: Readonly<Record<DecisionKind, string>> = {
  'address-known': 'services/auth/src/core/conclude.ts',
  'address-foreign': 'services/auth/src/core/conclude.ts',
  'address-hidden': 'services/auth/src/core/conclude.ts',
  'source-unknown': 'services/auth/src/core/unanswered.ts',
  'challenge-unanswered': 'services/auth/src/core/unanswered.ts',
  'certificate-foreign': 'services/auth/src/core/conclude.ts',
  'method-not-permitted': 'services/auth/src/core/conclude.ts',
  challenged: 'services/auth/src/core/conclude.ts',
  'challenged-again': 'services/auth/src/core/conclude.ts',
  'password-proved': 'services/auth/src/core/conclude.ts',
  'password-not-proved': 'services/auth/src/core/conclude.ts',
  'terminal-suspended': 'services/auth/src/core/conclude.ts',
  'not-answered': 'services/auth/src/core/conclude.ts',
  'caller-elsewhere': 'services/edge/src/core/call/caller-elsewhere.ts',
  'identity-verified': 'services/auth/src/core/verification.ts',
  'identity-not-verified': 'services/auth/src/core/verification.ts',
  'identity-refused': 'services/auth/src/core/verification.ts',
  'caller-asserted': 'services/routing/src/core/read-caller.ts',
  'identity-not-taken': 'services/routing/src/core/read-caller.ts',
  'anonymity-refused': 'services/routing/src/core/read-caller.ts',
  'gateway-throttled': 'services/routing/src/core/rules/throttled.ts',
  'lines-reserved': 'services/routing/src/core/rules/reserved-lines.ts',
  'schedule-shut': 'services/routing/src/core/rules/schedule.ts',
  'profit-too-low': 'services/routing/src/core/rules/profit.ts',
  'cost-too-high': 'services/routing/src/core/rules/profit.ts',
  'price-too-high': 'services/routing/src/core/rules/profit.ts',
  'vendor-out-of-funds': 'services/routing/src/core/rules/vendor-funds.ts',
  'cps-limit-reached': 'services/routing/src/core/rules/calls-per-second.ts',
  'gateway-cps-reached': 'services/routing/src/core/rules/calls-per-second.ts',
  'gateway-not-for-caller': 'services/routing/src/core/rules/allowed-callers.ts',
  'gateway-not-trusted': 'services/routing/src/core/barrier.ts',
  'gateway-not-secure': 'services/routing/src/core/barrier.ts',
  'invite-signed': 'services/edge/src/core/call/signing.ts',
  'invite-not-signed': 'services/edge/src/core/call/signing.ts',
  'number-read': 'services/routing/src/core/dialled.ts',
  'caller-left-out': 'services/routing/src/core/dialled.ts',
  'number-rewritten': 'services/routing/src/core/call-numbers.ts',
  'number-rule-failed': 'services/routing/src/core/call-numbers.ts',
  'caller-rule-failed': 'services/routing/src/core/call-numbers.ts',
  'gateway-rule-failed': 'services/routing/src/core/number-barriers.ts',
  'number-barred': 'services/routing/src/core/number-lists.ts',
  'number-allowed': 'services/routing/src/core/number-lists.ts',
  'gateway-number-barred': 'services/routing/src/core/number-barriers.ts',
  'caller-from-pool': 'services/routing/src/core/gateway-numbers.ts',
  'number-not-callable': 'services/routing/src/core/dialled.ts',
  'number-malformed': 'services/routing/src/core/dialled.ts',
  'origin-unknown': 'services/routing/src/core/plan.ts',
  'call-not-permitted': 'services/routing/src/core/call-types.ts',
  'account-locked': 'services/routing/src/core/plan.ts',
  'account-expired': 'services/routing/src/core/plan.ts',
  'rate-found': 'services/routing/src/core/call-decisions.ts',
  'rate-missing': 'services/routing/src/core/plan.ts',
  'balance-enough': 'services/routing/src/core/call-decisions.ts',
  'balance-used-up': 'services/routing/src/core/call-decisions.ts',
  'price-not-covered': 'services/routing/src/core/call-decisions.ts',
  'balance-unknown': 'services/routing/src/core/call-decisions.ts',
  'lines-in-use': 'services/routing/src/core/call-decisions.ts',
  'gateway-chosen': 'services/routing/src/core/call-decisions.ts',
  'phone-located': 'services/routing/src/core/called-phone.ts',
  'device-missing': 'services/routing/src/core/plan.ts',
  'gateway-free': 'services/routing/src/core/call-decisions.ts',
  'gateway-for-longest-prefix': 'services/routing/src/core/barrier.ts',
  'gateway-locked': 'services/routing/src/core/barrier.ts',
  'gateway-resting': 'services/routing/src/core/barrier.ts',
  'gateway-offline': 'services/routing/src/core/barrier.ts',
  'addresses-offline': 'services/routing/src/core/call-decisions.ts',
  'gateway-not-registered': 'services/routing/src/core/barrier.ts',
  'registration-lacking': 'services/routing/src/core/barrier.ts',
  'gateway-full': 'services/routing/src/core/call-decisions.ts',
  'gateway-removed': 'services/routing/src/core/next-candidate.ts',
  'vendor-locked': 'services/routing/src/core/barrier.ts',
  'vendor-expired': 'services/routing/src/core/barrier.ts',
  'no-gateway': 'services/routing/src/core/plan.ts',
  'next-gateway-chosen': 'services/routing/src/core/next-candidate.ts',
  'no-next-gateway': 'services/routing/src/core/next-candidate.ts',
  'malformed-response': 'services/edge/src/core/call/failures.ts',
  'final-response': 'services/edge/src/core/call/failures.ts',
  'code-mapped': 'services/edge/src/core/call/failures.ts',
  'progress-mapped': 'services/edge/src/core/call/failures.ts',
  'redirect-followed': 'services/edge/src/core/call/redirects.ts',
  'redirect-not-followed': 'services/edge/src/core/call/redirects.ts',
  'redirect-unresolved': 'services/edge/src/core/call/redirected-names.ts',
  'best-response': 'services/edge/src/core/call/failures.ts',
  'failover-went-on': 'services/edge/src/core/call/failover.ts',
  'failover-ended': 'services/edge/src/core/call/failover.ts',
  'credentials-refused': 'services/edge/src/core/call/failures.ts',
  'dialog-challenge-answered': 'services/edge/src/core/dialog/challenge-notes.ts',
  'dialog-challenge-refused': 'services/edge/src/core/dialog/challenge-notes.ts',
  'nothing-received': 'services/edge/src/core/call/failures.ts',
  'no-final-response': 'services/edge/src/core/call/failures.ts',
  unreachable: 'services/edge/src/core/call/failures.ts',
  'no-listener': 'services/edge/src/core/call/failures.ts',
  'own-address': 'services/edge/src/core/call/failures.ts',
  'name-unresolved': 'services/routing/src/core/barrier.ts',
  'name-resolved': 'services/routing/src/core/call-decisions.ts',
  cancelled: 'services/edge/src/core/call/call-outcomes.ts',
  'ended-by-operator': 'services/edge/src/core/call/call-outcomes.ts',
  'part-away': 'services/edge/src/core/call/call-outcomes.ts',
  'media-anchored': 'services/edge/src/core/call/anchoring.ts',
  'media-relay-away': 'services/edge/src/core/call/anchoring.ts',
  'description-invalid': 'services/edge/src/core/call/failures.ts',
  'money-ended': 'services/edge/src/dialog/call-ending.ts',
  'left-early': 'services/edge/src/core/call/failures.ts',
  forked: 'services/edge/src/core/call/early-dialogs.ts',
  overloaded: 'services/edge/src/core/call/overload-refusal.ts',
  adopted: 'services/edge/src/core/call/recovery.ts',
};

const WRITERS = new Set(['decided', 'edgeDecision']);
/** Passes its own argument on. */
const PASSES_ON = 'services/edge/src/core/call/decisions.ts';

/** The kinds that a call of `decided` or `edgeDecision` may write, by file. */
function foundProducers(): { readonly kinds: Map<string, string[]>; readonly unclear: string[] } {
  const kinds = new Map<string, string[]>();
  const unclear: string[] = [];
  for (const { file, nodes } of serviceSources()) {
    for (const node of nodes) {
      if (!ts.isCallExpression(node) || !WRITERS.has(node.expression.getText())) continue;
      const [kind] = node.arguments;
      if (kind !== undefined && ts.isStringLiteral(kind)) {
        kinds.set(kind.text, [...(kinds.get(kind.text) ?? []), file]);
      } else if (file !== PASSES_ON) unclear.push(`${file}: ${node.getText()}`);
    }
  }
  return { kinds, unclear };
}

test('OPS-09 every kind of decision is made, by the service that it says and where this table says', () => {
  const { kinds, unclear } = foundProducers();
  assert.deepEqual(unclear, [], 'the first argument must be a literal');
  const found = [...kinds].map(([kind, files]) => [kind, [...new Set(files)]]);
  const expected = Object.entries(producers).map(([kind, file]) => [kind, [file]]);
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
  for (const [kind, file] of Object.entries(producers)) {
    assert.ok(file.startsWith(`services/${decisionKinds[kind as DecisionKind].service}/`), kind);
  }
});

test('OPS-09 nobody writes a decision but by its kind', () => {
  const others = serviceSources().flatMap(({ file, nodes }) =>
    nodes
      .filter((node) => ts.isObjectLiteralExpression(node))
      .filter((node) => {
        const names = node.properties.map((property) => property.name?.getText());
        return ['check', 'result', 'subject', 'facts'].every((name) => names.includes(name));
      })
      .map(() => file),
  );
  // It shows them to operators.
  assert.deepEqual(others, [
    'services/api/src/resources/call-parts/presentation.ts',
    'services/api/src/resources/call-parts/schemas.ts',
  ]);
});
