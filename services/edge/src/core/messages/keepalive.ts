import { Headers, SipRequest } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { viaValue } from './local-headers.ts';
import { appendProduct } from './product.ts';

/** OPTIONS out of a dialog to a phone (RFC 3261 §11): whatever it answers shows that it can be reached (REG-04). */
export function keepaliveRequest(options: {
  /** Of its contact. */
  readonly uri: string;
  readonly local: LocalName;
  readonly branch: string;
  /** Of this request alone. */
  readonly id: string;
  readonly transport: PeerAddress['transport'];
}): SipRequest {
  const { branch, id, local, transport, uri } = options;
  const headers = new Headers();
  headers.append('Via', viaValue(local, branch, transport));
  headers.append('Max-Forwards', '70');
  headers.append('From', `<sip:${local.hostPort}>;tag=${id}`);
  headers.append('To', `<${uri}>`);
  headers.append('Call-ID', id);
  headers.append('CSeq', '1 OPTIONS');
  headers.append('Accept', 'application/sdp');
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest('OPTIONS', uri, headers);
}
