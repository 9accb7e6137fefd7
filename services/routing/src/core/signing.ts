import { createHash } from 'node:crypto';
import type { Configuration } from '@tandem/config';
import type { Signature } from '@tandem/proto/routing';
import { isAnonymous, owns } from './read-caller.ts';
import type { CallerReading } from './read-caller.ts';
import type { AccountEntry, OriginEntry } from './routing-tables.ts';

/** What calls are signed with: the name of its files, and where others fetch it. */
export interface Certificate {
  readonly name: string;
  readonly x5u: string;
}

/** Finds the certificate of an account, which names one or has that of the switch. */
export function signers(
  stir: Configuration['stir'],
): (name: string | undefined) => Certificate | undefined {
  const { certificates = [], certificate } = stir ?? {};
  const known = new Map(certificates.map((each) => [each.name, each]));
  return (name = certificate) => (name === undefined ? undefined : known.get(name));
}

/** Which number a call is signed for. */
export interface Signing {
  readonly origin: OriginEntry;
  readonly account: AccountEntry;
  readonly reading: CallerReading;
  /** The number in From. */
  readonly from: string;
  /** The gateway is not told the number of a caller who withholds it: a signature would tell it. */
  readonly isWithheld: boolean;
}

/**
 * How a call is signed (RFC 8588 §4): A for a number that the account owns, B for another one of a customer, C for what comes
 * from anybody behind a gateway. Without `attestation` it cannot be signed, and `because` says why.
 */
export function signatureOf(signing: Signing): Signature {
  const { account, from, origin, reading } = signing;
  const number = reading.asserted === '' ? from : reading.asserted;
  const { certificate } = account;
  const unsigned = (because: string): Signature => ({
    attestation: '',
    because,
    certificate: '',
    x5u: '',
    origid: '',
    number: '',
  });
  if (certificate === undefined) return unsigned(`account ${account.name} has no certificate`);
  if (isAnonymous(number) || !/^\+?\d+$/.test(number)) return unsigned('the caller has no number');
  if (signing.isWithheld) {
    return unsigned('the caller withholds its number from gateways that are not trusted');
  }
  const { attestation, because } = attestationOf(number, { account, origin });
  const origid = originationId(origin.subject);
  return {
    attestation,
    because,
    certificate: certificate.name,
    x5u: certificate.x5u,
    origid,
    number,
  };
}

function attestationOf(
  number: string,
  { account, origin }: Pick<Signing, 'account' | 'origin'>,
): Pick<Signature, 'attestation' | 'because'> {
  if (origin.caller.isTransit) {
    return { attestation: 'C', because: `${origin.subject} brings calls of others` };
  }
  return owns(account, number)
    ? { attestation: 'A', because: `${number} is a number of account ${account.name}` }
    : { attestation: 'B', because: `${number} is no number of account ${account.name}` };
}

/** RFC 8588 §5.4: a UUID that says nothing of the origin, the same on every pod (RFC 9562 §5.8). */
function originationId(subject: string): string {
  const bytes = createHash('sha256').update(`tandem origination ${subject}`).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, 16);
  return [8, 12, 16, 20, 32]
    .map((end, at, ends) => hex.slice(at === 0 ? 0 : ends[at - 1], end))
    .join('-');
}
