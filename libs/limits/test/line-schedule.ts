import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LineLedger } from '../src/index.ts';
import { claim } from './limits-contract.ts';

/** What one call does, beside all the others. */
interface CallPlan {
  readonly account: number;
  readonly gateways: readonly number[];
  readonly action: 'hold' | 'release' | 'advance' | 'repeat' | 'lose';
}

const ACCOUNTS = 3;
const GATEWAYS = 4;

export const schedule = fc.record({
  accountLimits: fc.array(fc.integer({ min: 0, max: 4 }), {
    minLength: ACCOUNTS,
    maxLength: ACCOUNTS,
  }),
  gatewayLimits: fc.array(fc.integer({ min: 0, max: 3 }), {
    minLength: GATEWAYS,
    maxLength: GATEWAYS,
  }),
  groupLimit: fc.integer({ min: 0, max: 5 }),
  calls: fc.array(
    fc.record({
      account: fc.nat(ACCOUNTS - 1),
      gateways: fc.uniqueArray(fc.nat(GATEWAYS - 1), { minLength: 1 }),
      action: fc.constantFrom('hold', 'release', 'advance', 'repeat', 'lose'),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

export type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

const MINUTE = 60_000;

/**
 * Plays all calls at once over the ledgers in turn, as several pods would, and checks after each step that no limit
 * is exceeded, and at the end that exactly the calls that went on hold lines.
 */
export async function play(plan: Schedule, ledgers: readonly LineLedger[]): Promise<void> {
  const limits = limitsOf(plan);
  const keys = [...limits.keys()];
  const check = async (): Promise<void> => {
    const counts = await ledgerAt(ledgers, 0).count(keys);
    for (const [index, key] of keys.entries()) {
      const limit = limits.get(key) ?? 0;
      const inUse = counts[index] ?? 0;
      assert.ok(limit === 0 || inUse <= limit, `${key}: ${String(inUse)} of ${String(limit)}`);
    }
  };
  const held = await Promise.all(
    plan.calls.map(async (call, index) => {
      const lines = await playCall(plan, call, { index, ledger: ledgerAt(ledgers, index) });
      await check();
      return lines;
    }),
  );
  const expected = new Map<string, number>();
  for (const key of held.flat()) expected.set(key, (expected.get(key) ?? 0) + 1);
  const counts = await ledgerAt(ledgers, 0).count(keys);
  assert.deepEqual(
    counts,
    keys.map((key) => expected.get(key) ?? 0),
  );
}

/** The line keys that the call holds in the end. */
async function playCall(
  plan: Schedule,
  { account, gateways, action }: CallPlan,
  { index, ledger }: { readonly index: number; readonly ledger: LineLedger },
): Promise<string[]> {
  const callId = `call-${String(index)}`;
  const fixed = [claim(`account:${String(account)}`, plan.accountLimits[account] ?? 0)];
  const choices = gateways.map((gateway) => [
    claim(`routing-gateway:${String(gateway)}`, plan.gatewayLimits[gateway] ?? 0),
    claim('group:all', plan.groupLimit),
  ]);
  const request = { callId, fixed, choices, leaseMs: MINUTE };
  let result = await ledger.acquire(request);
  if (result.kind === 'taken' && action === 'repeat') result = await ledger.acquire(request);
  if (result.kind !== 'taken') return [];
  const kept = fixed.map((each) => each.key);
  const taken = (choices[result.choice] ?? []).map((each) => each.key);
  const lines = [...kept, ...taken];
  if (action === 'release') {
    await ledger.release(callId, lines);
    return [];
  }
  if (action === 'lose') {
    // A pod that died: its leases run out.
    await ledger.renew(callId, lines, 1);
    await ledger.release(callId, []);
    await ledger.renew(callId, lines, 0);
    return [];
  }
  if (action !== 'advance') return lines;
  const rest = choices.slice(result.choice + 1);
  const next = await ledger.advance({
    callId,
    keep: kept,
    release: taken,
    choices: rest,
    leaseMs: MINUTE,
  });
  if (next.kind === 'all-full') return kept;
  return [...kept, ...(rest[next.choice] ?? []).map((each) => each.key)];
}

function limitsOf(plan: Schedule): Map<string, number> {
  const limits = new Map([['group:all', plan.groupLimit]]);
  for (const [index, limit] of plan.accountLimits.entries()) {
    limits.set(`account:${String(index)}`, limit);
  }
  for (const [index, limit] of plan.gatewayLimits.entries()) {
    limits.set(`routing-gateway:${String(index)}`, limit);
  }
  return limits;
}

function ledgerAt(ledgers: readonly LineLedger[], index: number): LineLedger {
  const ledger = ledgers[index % ledgers.length];
  assert.ok(ledger);
  return ledger;
}
