import { Headers, SipRequest } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { contactValue, viaValue } from './local-headers.ts';
import { appendProduct } from './product.ts';

/** In the user part of From and Contact: some carriers refuse an address without one. */
const USER = 'options';

/**
 * OPTIONS out of a dialog to a gateway (RFC 3261 §11.1): Request-URI and To name it, From and Contact the address by which it is
 * to know the switch.
 */
export function gatewayOptions(options: {
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
  headers.append('From', `<sip:${USER}@${local.hostPort}>;tag=${id}`);
  headers.append('To', `<${uri}>`);
  headers.append('Call-ID', `${id}@${local.host}`);
  headers.append('CSeq', '1 OPTIONS');
  headers.append('Contact', contactValue(local, USER, { transport }));
  headers.append('Accept', 'application/sdp');
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest('OPTIONS', uri, headers);
}
