import { parseAddress, parseNetwork } from '@tandem/config';
import type { Network } from '@tandem/config';

/** The same few blocks of gateways are asked about in every call. */
const known = new Map<string, Network | undefined>();
const MOST_KNOWN = 2000;

/** Whether an address is in a list of addresses and CIDR blocks, however each of them is written. */
export function isAmong(list: readonly string[], address: string): boolean {
  if (list.includes(address)) return true;
  // A single address is nearly always written as it was heard.
  if (!list.some((each) => each.includes('/') || each.includes(':'))) return false;
  const parsed = parseAddress(address);
  return parsed !== undefined && list.some((each) => holds(each, parsed));
}

/**
 * A gateway's list with what holds `address` first: that much goes with every token, the rest as far as there is room.
 * Empty where nothing holds it: then the list is not that of who called.
 */
export function nearestFirst(list: readonly string[], address: string): readonly string[] {
  const near = list.filter((each) => isAmong([each], address));
  return near.length === 0 ? [] : [...near, ...list.filter((each) => !near.includes(each))];
}

function holds(block: string, { version, value }: { version: 4 | 6; value: bigint }): boolean {
  const network = networkOf(block);
  return network?.version === version && network.first <= value && value <= network.last;
}

function networkOf(block: string): Network | undefined {
  if (known.has(block)) return known.get(block);
  const network = parseNetwork(block);
  if (known.size >= MOST_KNOWN) known.clear();
  const parsed = typeof network === 'string' ? undefined : network;
  known.set(block, parsed);
  return parsed;
}
