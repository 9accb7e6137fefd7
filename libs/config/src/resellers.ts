import { entriesOf } from './blocks.ts';
import type { Block, Entry, Report } from './blocks.ts';
import { didYouMean } from './suggest.ts';

/** An account, and the resellers above it, are so many at most: each is priced and reserved with every call, and has its columns in files of CDRs. */
const MOST_LEVELS = 4;

/** BILL-01: resellers are customer accounts of the same currency, above each other, in no ring. */
export function checkResellers(document: Block, report: Report): void {
  const accounts = new Map<string, Entry>();
  for (const entry of entriesOf(document, 'accounts')) {
    const { name } = entry.block;
    if (typeof name === 'string' && !accounts.has(name)) accounts.set(name, entry);
  }
  for (const { path, block } of accounts.values()) {
    const { parent } = block;
    if (typeof parent !== 'string') continue;
    const mistake = mistakeOf(block, parent, accounts);
    if (mistake !== undefined) report([...path, 'parent'], mistake);
  }
}

function mistakeOf(
  block: Block,
  parent: string,
  accounts: ReadonlyMap<string, Entry>,
): string | undefined {
  if (block['type'] === 'vendor') return 'has no effect at a vendor: resellers are customers';
  const reseller = accounts.get(parent)?.block;
  if (reseller === undefined) {
    return `names customer account "${parent}", which does not exist${didYouMean(parent, accounts.keys())}`;
  }
  if (reseller['type'] === 'vendor') {
    return `names account "${parent}", which is no customer account`;
  }
  const [own, other] = [currencyOf(block), currencyOf(reseller)];
  if (own !== other) {
    return `names account "${parent}", which has ${other}, and this one has ${own}: both must have the same currency`;
  }
  return mistakeOfChain(String(block['name']), parent, accounts);
}

function mistakeOfChain(
  name: string,
  parent: string,
  accounts: ReadonlyMap<string, Entry>,
): string | undefined {
  const chain = [name];
  for (let above: unknown = parent; typeof above === 'string';) {
    if (above === name) {
      return `makes a ring, ${[...chain, above].join(' under ')}: no account may be under itself`;
    }
    // A ring further up is named there.
    if (chain.includes(above)) return undefined;
    chain.push(above);
    above = accounts.get(above)?.block['parent'];
  }
  return chain.length > MOST_LEVELS
    ? `makes ${String(chain.length)} accounts above each other, ${chain.join(' under ')}: at most ${String(MOST_LEVELS)} are possible`
    : undefined;
}

function currencyOf({ currency }: Block): string {
  return typeof currency === 'string' ? currency : 'USD';
}
