import { createCipheriv } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';

/** Of AES, in bytes. */
export const BLOCK_BYTES = 16;
/** The polynomial of RFC 4493 §2.3, for a block of 128 bits. */
const REDUCTION = 0x87;
const PADDING = 0x80;

/**
 * AES-128-CMAC (RFC 4493), over one cipher that is kept: to set one up costs several times as much as the MAC. CBC goes on
 * from the last block that it gave; taken into the next content's first block, that cancels itself, so each MAC begins
 * with the zero block that it must begin with.
 */
export class AesCmac {
  readonly #cipher: Cipheriv;
  /** The last block that the cipher gave. */
  readonly #last = Buffer.alloc(BLOCK_BYTES);
  readonly #fullKey: Buffer;
  readonly #paddedKey: Buffer;

  /** @param key 16 bytes */
  constructor(key: Buffer) {
    this.#cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(BLOCK_BYTES));
    this.#cipher.setAutoPadding(false);
    this.#fullKey = doubled(this.#encrypted(Buffer.alloc(BLOCK_BYTES)));
    this.#paddedKey = doubled(this.#fullKey);
  }

  /** The MAC of a content, 16 bytes. */
  of(content: Buffer): Buffer {
    const scratch = cmacScratch(content.length);
    scratch.set(content);
    return this.ofScratch(scratch, content.length);
  }

  /** The MAC of what the first `length` bytes of a `cmacScratch(length)` hold. They are used up. */
  ofScratch(scratch: Buffer, length: number): Buffer {
    const isFull = length === scratch.length;
    if (!isFull) {
      scratch[length] = PADDING;
      scratch.fill(0, length + 1);
    }
    xorInto(scratch, scratch.length - BLOCK_BYTES, isFull ? this.#fullKey : this.#paddedKey);
    return this.#encrypted(scratch);
  }

  /** The last block of CBC over `blocks`, beginning with a zero block. */
  #encrypted(blocks: Buffer): Buffer {
    xorInto(blocks, 0, this.#last);
    const output = this.#cipher.update(blocks);
    const block = output.subarray(output.length - BLOCK_BYTES);
    this.#last.set(block);
    return block;
  }
}

/** A buffer of whole blocks that has room for a content of that length. */
export function cmacScratch(length: number): Buffer {
  return Buffer.allocUnsafe(Math.max(1, Math.ceil(length / BLOCK_BYTES)) * BLOCK_BYTES);
}

/** Twice the block in GF(2^128): `dbl` of RFC 5297 §2.3, in one time whatever the block is. */
export function doubled(block: Buffer): Buffer {
  const twice = Buffer.allocUnsafe(BLOCK_BYTES);
  let carry = 0;
  for (let at = BLOCK_BYTES - 1; at >= 0; at--) {
    const byte = block[at] ?? 0;
    twice[at] = (byte << 1) | carry;
    carry = byte >> 7;
  }
  twice[BLOCK_BYTES - 1] = (twice[BLOCK_BYTES - 1] ?? 0) ^ (carry * REDUCTION);
  return twice;
}

/** Adds a block (XOR) to the 16 bytes at `at`. */
export function xorInto(target: Buffer, at: number, block: Buffer): void {
  for (let i = 0; i < BLOCK_BYTES; i++) {
    target[at + i] = (target[at + i] ?? 0) ^ (block[i] ?? 0);
  }
}
