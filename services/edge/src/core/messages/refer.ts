import { readNumber } from '@tandem/domain';
import { numberUri, Params, parseNameAddr, parseUri, userOf } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { LocalName } from '../network/local-addresses.ts';

/**
 * Refer-To as the other side gets it: the number at the switch's own address, so that the call it makes comes here and
 * nothing of the sender's network is told (CALL-01). Undefined where it cannot be led that way: a dialog to be replaced is
 * one of the sender's leg, which the other side does not know.
 */
export function ledReferTo(request: SipRequest, local: LocalName): string | undefined {
  const referred = referredNumber(request);
  if (referred === undefined) return undefined;
  const { device, number } = referred;
  return `<${numberUri(number, local.hostPort)}${device.toString()}>`;
}

interface Referred {
  readonly number: string;
  /** RFC 5627: which device of a phone is meant; empty: any. */
  readonly device: Params;
}

/** The number, or the device, that a REFER names; undefined where it names none, or a dialog to be replaced. */
export function referredNumber(request: SipRequest): Referred | undefined {
  const value = request.headers.get('Refer-To');
  if (value === undefined) return undefined;
  try {
    const { uri: text } = parseNameAddr(value);
    const uri = parseUri(text);
    if (uri.headers.size > 0 || (uri.scheme !== 'sip' && uri.scheme !== 'tel')) return undefined;
    const gr = uri.params.get('gr');
    const device = new Params(gr === undefined ? [] : [['gr', gr]]);
    // What is sealed is no number, and stays to the letter.
    if (gr === true) return { number: userOf(text), device };
    const reading = readNumber(userOf(text));
    return reading.kind === 'number' ? { number: reading.number, device } : undefined;
  } catch {
    return undefined; // No address at all.
  }
}

/** Whether a NOTIFY tells of a REFER (RFC 3515 §3). */
export function isReferEvent({ headers }: SipRequest): boolean {
  return /^\s*refer\s*(;|$)/i.test(headers.get('Event') ?? '');
}

/** Of the response that a NOTIFY reports its status line alone: the rest names hosts of the sender's network (RFC 3515 §2.4.5). */
export function reportedStatus({ headers, body }: SipRequest): Buffer {
  if (!/^\s*message\/sipfrag\b/i.test(headers.get('Content-Type') ?? '')) return body;
  const text = body.toString('latin1');
  const end = text.indexOf('\r\n');
  return end < 0 ? body : Buffer.from(text.slice(0, end + 2), 'latin1');
}
