import { randomFillSync } from 'node:crypto';
import type { NonceSource } from '../ports.ts';

const NONCE_BYTES = 18;
const POOL_BYTES = NONCE_BYTES * 256;

/** Nonces of 144 random bits, drawn from a pool: one call into the kernel for 256 of them. */
export function randomNonces(): NonceSource {
  const pool = Buffer.allocUnsafe(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    draw: () => {
      if (used === POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      used += NONCE_BYTES;
      return pool.toString('base64url', used - NONCE_BYTES, used);
    },
  };
}
