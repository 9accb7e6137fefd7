/** Appends numbers and short strings to a buffer; what tokens and branches are packed with. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(512);
  #length = 0;

  u8(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  /** The four bytes of an IPv4 address, of which the caller knows that it is one. */
  ipv4(address: string): this {
    let byte = 0;
    for (let at = 0; at < address.length; at++) {
      const digit = address.charCodeAt(at) - 0x30;
      if (digit >= 0) {
        byte = byte * 10 + digit;
      } else {
        this.u8(byte);
        byte = 0;
      }
    }
    return this.u8(byte);
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** A latin1 string of at most 65,535 characters: one byte of length, or 255 and two more. */
  string(value: string): this {
    if (value.length < 255) this.u8(value.length);
    else this.u8(255).u16(value.length);
    this.#reserve(value.length);
    this.#length += this.#buffer.write(value, this.#length, 'latin1');
    return this;
  }

  /** A copy of what was written. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + count));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/**
 * What `read` makes of bytes; undefined where they end too early or are of a version that is not known here: a later pod may
 * have packed them.
 */
export function readPacked<T>(bytes: Buffer, read: (reader: ByteReader) => T): T | undefined {
  try {
    return read(new ByteReader(bytes));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads what a ByteWriter wrote; throws RangeError past the end. */
export class ByteReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#buffer.length;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#buffer.readUInt16BE(this.#advance(2));
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#advance(4));
  }

  bytes(count: number): Buffer {
    const start = this.#advance(count);
    return this.#buffer.subarray(start, start + count);
  }

  /** What `ipv4` wrote. */
  ipv4(): string {
    const dotted = `${String(this.u8())}.${String(this.u8())}.`;
    return `${dotted}${String(this.u8())}.${String(this.u8())}`;
  }

  string(): string {
    const short = this.u8();
    const length = short === 255 ? this.u16() : short;
    const start = this.#advance(length);
    return this.#buffer.toString('latin1', start, start + length);
  }

  #advance(count: number): number {
    const start = this.#offset;
    if (start + count > this.#buffer.length) throw new RangeError('the bytes end too early');
    this.#offset = start + count;
    return start;
  }
}
