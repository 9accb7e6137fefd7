import { createCipheriv, timingSafeEqual } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';
import { AesCmac, BLOCK_BYTES, cmacScratch, doubled, xorInto } from './aes-cmac.ts';

/** The synthetic IV, which is the tag as well, stands before the ciphertext. */
export const SIV_BYTES = BLOCK_BYTES;
/** Of the two halves of AES-SIV-CMAC-256: AES-128 for the MAC, AES-128 for the key stream. */
export const SIV_KEY_BYTES = 32;
/** Where the low 32 bits of a counter begin. */
const LOW_WORD = 12;

/**
 * AES-SIV-CMAC-256 (RFC 5297): authenticated encryption that needs no nonce. The IV is a MAC over the associated data and the
 * plaintext, so that the same content always gives the same bytes, and no two contents share a key stream. Both ciphers
 * are kept, since each that is set up costs as much as the whole rest.
 */
export class AesSiv {
  readonly #cmac: AesCmac;
  /** A block cipher: the key stream is what it makes of counters (RFC 5297 §2.5). */
  readonly #cipher: Cipheriv;

  /** @param key 32 bytes: the first half for S2V, the second for CTR (RFC 5297 §2.6) */
  constructor(key: Buffer) {
    this.#cmac = new AesCmac(key.subarray(0, BLOCK_BYTES));
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(BLOCK_BYTES), null);
    this.#cipher.setAutoPadding(false);
  }

  /** Prepares associated data for any number of seals (RFC 5297 §2.4, all of S2V but its last step). */
  associate(data: readonly Buffer[]): Buffer {
    let sum = this.#cmac.of(Buffer.alloc(BLOCK_BYTES));
    for (const each of data) {
      sum = doubled(sum);
      xorInto(sum, 0, this.#cmac.of(each));
    }
    return Buffer.from(sum);
  }

  /** Fills `target`, 16 bytes longer than the plaintext, with IV and ciphertext. */
  seal(associated: Buffer, plaintext: Buffer, target: Buffer): void {
    const iv = this.#iv(associated, plaintext);
    target.set(iv);
    this.#crypt(iv, plaintext, target.subarray(SIV_BYTES));
  }

  /** The plaintext of IV and ciphertext, or undefined where anything of it or of the associated data is another. */
  open(associated: Buffer, sealed: Buffer): Buffer | undefined {
    if (sealed.length < SIV_BYTES) return undefined;
    const iv = sealed.subarray(0, SIV_BYTES);
    const plaintext = Buffer.allocUnsafe(sealed.length - SIV_BYTES);
    this.#crypt(iv, sealed.subarray(SIV_BYTES), plaintext);
    return timingSafeEqual(this.#iv(associated, plaintext), iv) ? plaintext : undefined;
  }

  /** The last step of S2V (RFC 5297 §2.4). */
  #iv(associated: Buffer, plaintext: Buffer): Buffer {
    const { length } = plaintext;
    if (length >= BLOCK_BYTES) {
      const scratch = cmacScratch(length);
      scratch.set(plaintext);
      xorInto(scratch, length - BLOCK_BYTES, associated);
      return this.#cmac.ofScratch(scratch, length);
    }
    const padded = Buffer.alloc(BLOCK_BYTES);
    padded.set(plaintext);
    padded[length] = 0x80;
    xorInto(padded, 0, doubled(associated));
    return this.#cmac.of(padded);
  }

  /** Counter mode from the IV (RFC 5297 §2.5), one call of the cipher for the whole key stream. */
  #crypt(iv: Buffer, input: Buffer, output: Buffer): void {
    const { length } = input;
    if (length === 0) return;
    const stream = this.#cipher.update(countersFrom(iv, Math.ceil(length / BLOCK_BYTES)));
    for (let at = 0; at < length; at++) {
      output[at] = (input[at] ?? 0) ^ (stream[at] ?? 0);
    }
  }
}

/** The IV with two bits cleared, and as many of its successors: the low word never overflows (RFC 5297 §2.5). */
function countersFrom(iv: Buffer, count: number): Buffer {
  const counters = Buffer.allocUnsafe(count * BLOCK_BYTES);
  const low = iv.readUInt32BE(LOW_WORD) & 0x7fff_ffff;
  for (let at = 0; at < counters.length; at += BLOCK_BYTES) {
    counters.set(iv, at);
    counters[at + 8] = (iv[8] ?? 0) & 0x7f;
    counters.writeUInt32BE(low + at / BLOCK_BYTES, at + LOW_WORD);
  }
  return counters;
}
