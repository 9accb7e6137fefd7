/** One value of DER (X.690 §8): its tag, and what is in it. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

/** A SEQUENCE, a context tag with a number, a string. */
export const SEQUENCE = 0x30;
export const context = (number: number): number => 0xa0 | number;

/** The values that stand one behind the other. @throws RangeError where the bytes are no DER */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 4 || first === 0x80) throw new RangeError('no DER length');
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    if (start + length > bytes.length) throw new RangeError('a DER value is cut off');
    values.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

/** What is in the values of a constructed one; none where it is undefined. */
export function within(value: DerValue | undefined): DerValue[] {
  return value === undefined ? [] : readDer(value.content);
}

/** The value of a certificate's extension (RFC 5280 §4.1), by the DER of its object identifier. */
export function extensionOf(certificate: Buffer, oid: Buffer): Buffer | undefined {
  const [outer] = readDer(certificate);
  const [signed] = within(outer);
  const extensions = within(signed).find(({ tag }) => tag === context(3));
  for (const extension of within(within(extensions)[0])) {
    const [id, ...rest] = within(extension);
    if (id?.content.equals(oid) === true) return rest.at(-1)?.content;
  }
  return undefined;
}
