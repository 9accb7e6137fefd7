/** What would change it that a signature was not accepted, by what was found of it (libs/stir); undefined: what its code says. */
export function remedyOfSignature(cause: string, certificate = ''): string | undefined {
  return remedies.find(([pattern]) => pattern.test(cause))?.[1](certificate);
}

const remedies: readonly (readonly [RegExp, (certificate: string) => string])[] = [
  [
    /has expired on/,
    (url) =>
      `Have the other side renew its certificate${at(url)}; if it has, see whether the clock here is right.`,
  ],
  [
    /is not valid before/,
    () =>
      'See whether the clock here is right; else have the other side sign with a certificate that is valid already.',
  ],
  [
    /its certificate is not for|no TNAuthList|claim \S+ /,
    (url) =>
      `Have the other side sign with a certificate that is for the number of the caller (TNAuthList)${at(url)}, or send the number that it is for.`,
  ],
  [
    /may not issue certificates|chain of its certificate|no key for ES256|extension of its certificate|no certificate$/,
    (url) =>
      `Have the other side publish a certificate for calls on P-256 with its whole chain${at(url)}.`,
  ],
  [
    /is no public address/,
    () =>
      'Have the other side publish its certificate at a public address; TANDEM_STIR_FETCH: any lets auth fetch from private ones, and TANDEM_STIR_CERTIFICATES keeps it here.',
  ],
  [
    /is not an https URL/,
    () =>
      'Have the other side publish its certificate by https (x5u), or keep it in TANDEM_STIR_CERTIFICATES.',
  ],
  [
    /ahead of the clock here/,
    () =>
      'See whether the clocks of both sides are right (NTP): that of the signer is ahead of the one here.',
  ],
  [
    /s ago, and may be|Date says/,
    () =>
      'See whether the clocks of both sides are right (NTP), and that each call is signed anew: whoever sends a signature again, or holds the call back, has an old one.',
  ],
  [
    /no signed token|no JSON|no PASSporT|compact form|when it was signed|too long|is not ES256|outside and|same certificate|attests nothing/,
    () =>
      'Have the other side sign as SHAKEN asks for (RFC 8588): a full PASSporT by ES256 with ppt=shaken, and x5u the same as info of the Identity header; something between may have changed the header.',
  ],
  [
    /its signature is wrong/,
    (url) =>
      `Have the other side publish the certificate of the key that it signs with${at(url)}; else something between has changed the Identity header.`,
  ],
];

function at(url: string): string {
  return url === '' ? '' : ` (${url})`;
}
