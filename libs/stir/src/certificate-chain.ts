import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** A leaf, what stands between, and an authority. */
const LONGEST_CHAIN = 6;
const MOST_CERTIFICATES = 16;

/** The certificates of a text, PEM or one in DER, in its order; none where it holds none. */
export function readCertificates(bytes: Buffer): X509Certificate[] {
  const blocks = bytes.toString('latin1').match(PEM);
  try {
    if (blocks === null) return [new X509Certificate(bytes)];
    return blocks.slice(0, MOST_CERTIFICATES).map((block) => new X509Certificate(block));
  } catch {
    return []; // No certificates: whoever wants some says so.
  }
}

/**
 * Holds the first of `certificates` against the authorities that are trusted: signatures along the way, validity of each at
 * `nowMs`, and that those between may sign others. It must have a key on the curve P-256.
 * @returns in words why it is not trusted, undefined where it is
 */
export function distrust(
  certificates: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  nowMs: number,
): string | undefined {
  const [leaf] = certificates;
  if (leaf === undefined) return 'there is no certificate';
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey;
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return 'its certificate has no key for ES256';
  }
  let current = leaf;
  for (let length = 1; length <= LONGEST_CHAIN; length++) {
    const expiry = outOfDate(current, nowMs);
    if (expiry !== undefined) return expiry;
    if (isAmong(current, authorities)) return undefined;
    const issuer = issuerOf(current, authorities) ?? issuerOf(current, certificates);
    if (issuer === undefined) return `no trusted authority has issued ${nameOf(current)}`;
    if (!issuer.ca) return `${nameOf(issuer)} may not issue certificates`;
    current = issuer;
  }
  return 'the chain of its certificate is too long';
}

function outOfDate(certificate: X509Certificate, nowMs: number): string | undefined {
  if (Date.parse(certificate.validFrom) > nowMs) {
    return `${nameOf(certificate)} is not valid before ${certificate.validFrom}`;
  }
  if (Date.parse(certificate.validTo) < nowMs) {
    return `${nameOf(certificate)} has expired on ${certificate.validTo}`;
  }
  return undefined;
}

function isAmong(one: X509Certificate, others: readonly X509Certificate[]): boolean {
  return others.some((other) => other.fingerprint256 === one.fingerprint256);
}

function issuerOf(
  certificate: X509Certificate,
  among: readonly X509Certificate[],
): X509Certificate | undefined {
  return among.find(
    (each) =>
      each !== certificate && certificate.checkIssued(each) && certificate.verify(each.publicKey),
  );
}

/** For people: "CN=Carrier A". */
function nameOf({ subject }: { readonly subject: string | undefined }): string {
  return `certificate ${(subject ?? 'without a name').replaceAll('\n', ', ')}`;
}
