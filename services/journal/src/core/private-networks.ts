import { parseNetwork } from '@tandem/config';
import type { Network } from '@tandem/config';

/** Addresses that are on no map: RFC 1918, 6598, 1122, 3927, 4193, 4291. */
const blocks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
  '::1',
].flatMap((text) => networkOf(text) ?? []);

export function networkOf(text: string): Network | undefined {
  const network = parseNetwork(text);
  return typeof network === 'string' ? undefined : network;
}

export function isPrivate({ first, version }: Network): boolean {
  return blocks.some(
    (block) => block.version === version && first >= block.first && first <= block.last,
  );
}
