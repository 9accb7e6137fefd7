import { createCipheriv, createHmac } from 'node:crypto';

const TAG_BYTES = 10;
const HEADER_BYTES = 12;

/** One direction of SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 3711), for the first 65,536 packets, without extensions. */
export class Srtp {
  readonly #key: Buffer;
  readonly #authKey: Buffer;
  readonly #salt: Buffer;

  /** @param master key and salt, 30 bytes, as in `inline:` of a=crypto (RFC 4568 §6.1) */
  constructor(master: Buffer) {
    const derive = (label: number, length: number): Buffer => {
      const iv = Buffer.alloc(16);
      master.copy(iv, 0, 16, 30);
      iv.writeUInt8(iv.readUInt8(7) ^ label, 7);
      return createCipheriv('aes-128-ctr', master.subarray(0, 16), iv).update(Buffer.alloc(length));
    };
    // RFC 3711 §4.3.1.
    this.#key = derive(0, 16);
    this.#authKey = derive(1, 20);
    this.#salt = derive(2, 14);
  }

  protect(packet: Buffer): Buffer {
    const sealed = this.#crypt(packet);
    return Buffer.concat([sealed, this.#tagOf(sealed)]);
  }

  /** @throws where the packet is not authentic */
  open(packet: Buffer): Buffer {
    const sealed = packet.subarray(0, -TAG_BYTES);
    if (!this.#tagOf(sealed).equals(packet.subarray(-TAG_BYTES)))
      throw new Error('SRTP: wrong tag');
    return this.#crypt(sealed);
  }

  /** RFC 3711 §4.1.1. */
  #crypt(packet: Buffer): Buffer {
    const iv = Buffer.alloc(16);
    this.#salt.copy(iv);
    iv.writeUInt32BE((iv.readUInt32BE(4) ^ packet.readUInt32BE(8)) >>> 0, 4);
    iv.writeUInt16BE(iv.readUInt16BE(12) ^ packet.readUInt16BE(2), 12);
    const payload = createCipheriv('aes-128-ctr', this.#key, iv).update(
      packet.subarray(HEADER_BYTES),
    );
    return Buffer.concat([packet.subarray(0, HEADER_BYTES), payload]);
  }

  #tagOf(sealed: Buffer): Buffer {
    // The roll-over counter is 0.
    return createHmac('sha1', this.#authKey)
      .update(sealed)
      .update(Buffer.alloc(4))
      .digest()
      .subarray(0, TAG_BYTES);
  }
}

/** Tag, suite and key of the first crypto line with the suite of `Srtp`; undefined where a description has none. */
export function cryptoIn(
  description: string,
): { readonly tag: string; readonly master: Buffer } | undefined {
  const [, tag, key] = /^a=crypto:(\d+) AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/=]+)/m.exec(description) ?? []; // prettier-ignore
  return tag === undefined || key === undefined
    ? undefined
    : { tag, master: Buffer.from(key, 'base64') };
}
