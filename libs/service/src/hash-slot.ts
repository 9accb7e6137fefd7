const POLYNOMIAL = 0x1021;
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 0x8000) === 0 ? value << 1 : (value << 1) ^ POLYNOMIAL;
  }
  return value & 0xffff;
});

/** The hash slot of a key in Redis Cluster: CRC-16 (XMODEM) of what is in its first braces, or of all of it, mod 16384. */
export function hashSlot(key: string | Buffer): number {
  const bytes = Buffer.from(hashTag(key));
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] ?? 0)) & 0xffff;
  return crc % 16_384;
}

function hashTag(key: string | Buffer): string | Buffer {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open);
  if (close <= open + 1) return key;
  return typeof key === 'string' ? key.slice(open + 1, close) : key.subarray(open + 1, close);
}
