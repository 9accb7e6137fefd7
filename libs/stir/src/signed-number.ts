/**
 * A number as it is signed and compared (RFC 8224 §8.3): digits, `*` and `#`, without a plus.
 * @returns undefined where it is none
 */
export function signedNumber(text: string): string | undefined {
  const number = text.replace(/^\+/, '');
  return /^[0-9*#]+$/.test(number) ? number : undefined;
}
