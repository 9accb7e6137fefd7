import { verdictKinds, type Summary, type Verdict } from '@tandem/migration';
import { column, type Output } from '../output.ts';

const DIFFERENCES = [
  column('CALLS', 'calls', 'right'),
  column('WHAT', 'what'),
  column('THERE', 'there'),
  column('HERE', 'here'),
] as const;

const MONEY = [
  column('CURRENCY', 'currency'),
  column('CALLS', 'calls', 'right'),
  column('DIFFERING', 'differing', 'right'),
  column('THERE', 'there', 'right'),
  column('HERE', 'here', 'right'),
  column('DIFFERENCE', 'difference', 'right'),
] as const;

/** One line for a call; none where both decided the same, unless all are asked for. */
export function tellVerdict(verdict: Verdict, output: Output, isAll: boolean): void {
  const { call, currency, gateway, isOtherPrice, kind, price, why } = verdict;
  const isSame = (kind === 'same' || kind === 'both-refuse') && !isOtherPrice;
  if (isSame && !isAll) return;
  if (output.isJson) {
    output.object({ call, kind, gateway, why, price: price ?? null, isOtherPrice });
    return;
  }
  const there = call.gateways.length === 0 ? `refused${call.code === 0 ? '' : ` with ${String(call.code)}`}` : call.gateways.join(', '); // prettier-ignore
  const here = gateway === '' ? '' : `, here ${gateway}`;
  const money = isOtherPrice ? `; ${String(call.price)} there, ${String(price)} ${String(currency)} here` : ''; // prettier-ignore
  output.line(`${call.id}: ${verdictKinds[kind]}: ${call.from} to ${call.callee}: there ${there}${here}${money}${why === '' ? '' : ` (${why.replace(/\.$/, '')})`}`); // prettier-ignore
}

/** What all calls come to. */
export function tellSummary(summary: Summary, output: Output): void {
  if (output.isJson) {
    output.object(summary);
    return;
  }
  const { calls, differences, kinds, money } = summary;
  const share = (count: number): string => calls === 0 ? '' : ` (${((count / calls) * 100).toFixed(1)} %)`; // prettier-ignore
  output.line(`${String(calls)} calls.`);
  for (const [kind, name] of Object.entries(verdictKinds)) {
    const count = kinds[kind as keyof typeof verdictKinds];
    if (count > 0) output.line(`  ${name}: ${String(count)}${share(count)}`);
  }
  if (differences.length > 0) {
    const rows = differences.map((each) => ({ ...each, what: verdictKinds[each.kind] }));
    output.rows(rows, DIFFERENCES, '');
  }
  if (money.length > 0) output.rows(money, MONEY, '');
}
