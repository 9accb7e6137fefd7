import type { Headers } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';

/** Server of a response, User-Agent of a request: nothing unless the operator has given the switch a name. */
export function appendProduct(
  headers: Headers,
  name: 'Server' | 'User-Agent',
  product: LocalName['product'],
): void {
  if (product !== undefined && product !== '') headers.append(name, product);
}
