import { hash } from 'node:crypto';

/** The algorithms of RFC 7616 and RFC 8760, strongest last; each also as a session variant. */
export const digestAlgorithms = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
] as const;

/** One of {@link digestAlgorithms}. */
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hashNames: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: 'md5',
  'MD5-sess': 'md5',
  'SHA-256': 'sha256',
  'SHA-256-sess': 'sha256',
  'SHA-512-256': 'sha512-256',
  'SHA-512-256-sess': 'sha512-256',
};

/** The algorithm by its name in any case; MD5 when none is named (RFC 3261 §22.4); undefined when unknown. */
export function digestAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  if (name === undefined) {
    return 'MD5';
  }
  const wanted = name.toLowerCase();
  return digestAlgorithms.find((algorithm) => algorithm.toLowerCase() === wanted);
}

/** Is the session's nonce part of HA1? */
export function isSessionAlgorithm(algorithm: DigestAlgorithm): boolean {
  return algorithm.endsWith('-sess');
}

/** The hash in hexadecimal. Text counts as one byte per character. */
export function digestHash(algorithm: DigestAlgorithm, data: string | Buffer): string {
  return hash(
    hashNames[algorithm],
    typeof data === 'string' ? Buffer.from(data, 'latin1') : data,
    'hex',
  );
}
