import { Headers, SipRequest } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';
import type { PeerAddress } from '../network/peer-address.ts';
import { contactValue, viaValue } from './local-headers.ts';
import { appendProduct } from './product.ts';

/** An OPTIONS out of a dialog (RFC 3261 §11.1): Request-URI and To name whom it asks. */
export interface LoneOptions {
  readonly uri: string;
  readonly local: LocalName;
  readonly branch: string;
  /** Of this request alone. */
  readonly id: string;
  readonly transport: PeerAddress['transport'];
}

/** @param user the user part of From and Contact; without one there is no Contact, and nobody to answer to but the Via */
export function loneOptions(
  { branch, id, local, transport, uri }: LoneOptions,
  { callId, user }: { readonly callId: string; readonly user?: string },
): SipRequest {
  const headers = new Headers();
  const from = user === undefined ? local.hostPort : `${user}@${local.hostPort}`;
  headers.append('Via', viaValue(local, branch, transport));
  headers.append('Max-Forwards', '70');
  headers.append('From', `<sip:${from}>;tag=${id}`);
  headers.append('To', `<${uri}>`);
  headers.append('Call-ID', callId);
  headers.append('CSeq', '1 OPTIONS');
  if (user !== undefined) headers.append('Contact', contactValue(local, user, { transport }));
  headers.append('Accept', 'application/sdp');
  appendProduct(headers, 'User-Agent', local.product);
  return new SipRequest('OPTIONS', uri, headers);
}
