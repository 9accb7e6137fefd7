import { createHash, hash, hkdfSync } from 'node:crypto';
import { RecentMap } from '@tandem/sip';
import { AesSiv, SIV_BYTES, SIV_KEY_BYTES } from './aes-siv.ts';

/** How many texts of a kind are remembered, at least: those of a second or two. */
const REMEMBERED = 500;

/** What a sealed text is for: bound into it, so that one kind cannot be passed off as another. */
export type SealKind = 'token' | 'branch' | 'secret' | 'probe' | 'gruu';

interface SealKey {
  readonly id: number;
  readonly cipher: AesSiv;
  /** What is bound into each seal: its key and its kind. */
  readonly associated: Readonly<Record<SealKind, Buffer>>;
  /** 32 bytes. */
  readonly mac: Buffer;
}

/**
 * Seals what the switch writes into other people's messages (edge.md §2): AES-SIV (ADR 19), behind a byte that names the key.
 * The same content always gives the same text: a retransmission, a CANCEL and the ACK of a non-2xx need the same branch.
 */
export class Sealer {
  readonly #current: SealKey;
  readonly #keys: readonly SealKey[];
  /** Tokens and branches come back at once, and mostly to the pod that sealed them. */
  readonly #lately: Readonly<Partial<Record<SealKind, RecentMap<Buffer>>>> = {
    token: new RecentMap(REMEMBERED),
    branch: new RecentMap(REMEMBERED),
  };

  /** @param secrets at least 16 bytes each; the first seals, all open, so that keys can rotate without losing calls. */
  constructor(secrets: readonly Buffer[]) {
    this.#keys = secrets.map(deriveKey);
    const [first] = this.#keys;
    if (first === undefined) throw new RangeError('a sealer needs at least one secret');
    this.#current = first;
  }

  /**
   * Base64url text; 23 characters longer than four thirds of the plaintext.
   * @param like a sealed text: its key is used again, so that pods that change keys one after the other still write the
   *   same bytes for the same call. @default the current key
   */
  seal(kind: SealKind, plaintext: Buffer, like?: string): string {
    const key = like === undefined ? this.#current : this.#keyOf(like);
    const sealed = Buffer.allocUnsafe(1 + SIV_BYTES + plaintext.length);
    sealed[0] = key.id;
    key.cipher.seal(key.associated[kind], plaintext, sealed.subarray(1));
    const text = sealed.toString('base64url');
    this.#lately[kind]?.set(text, plaintext);
    return text;
  }

  /**
   * The plaintext, or undefined for anything that was not sealed as this kind with one of our keys. It is shared: nobody
   * may change it.
   */
  open(kind: SealKind, text: string): Buffer | undefined {
    const known = this.#lately[kind]?.get(text);
    if (known !== undefined) return known;
    const sealed = Buffer.from(text, 'base64url');
    const id = sealed.at(0);
    for (const key of this.#keys) {
      // Keys of the same name are rare, and all of them may be the one.
      const plaintext =
        key.id === id ? key.cipher.open(key.associated[kind], sealed.subarray(1)) : undefined;
      if (plaintext !== undefined) return plaintext;
    }
    return undefined;
  }

  /** The first `length` bytes of a MAC over `content`, under the current key or that of a sealed text `like` it. */
  mac(content: Buffer, length: number, like?: string): Buffer {
    const key = like === undefined ? this.#current : this.#keyOf(like);
    return macOf(key.mac, content, length);
  }

  /** As `mac`, under the key of a MAC that is known: what belongs together gets one key, whatever key is the first by now. */
  macBeside(
    known: { readonly content: Buffer; readonly mac: Buffer },
    content: Buffer,
    length: number,
  ): Buffer {
    const key =
      this.#keys.length === 1
        ? this.#current
        : this.#keys.find((each) =>
            macOf(each.mac, known.content, known.mac.length).equals(known.mac),
          );
    return macOf((key ?? this.#current).mac, content, length);
  }

  /** Whether `tag` is the beginning of a MAC over `content` under any key. */
  isMac(content: Buffer, tag: Buffer): boolean {
    for (const key of this.#keys) {
      if (macOf(key.mac, content, tag.length).equals(tag)) return true;
    }
    return false;
  }

  #keyOf(sealed: string): SealKey {
    if (this.#keys.length === 1) return this.#current;
    const id = Buffer.from(sealed.slice(0, 2), 'base64url').at(0);
    return this.#keys.find((key) => key.id === id) ?? this.#current;
  }
}

function deriveKey(secret: Buffer): SealKey {
  const derive = (info: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', info, length));
  const id = createHash('sha256').update('tandem key id').update(secret).digest()[0] ?? 0;
  const cipher = new AesSiv(derive('tandem siv', SIV_KEY_BYTES));
  const bound = (kind: SealKind): Buffer => cipher.associate([Buffer.of(id), Buffer.from(kind)]);
  return {
    id,
    cipher,
    associated: {
      token: bound('token'),
      branch: bound('branch'),
      secret: bound('secret'),
      probe: bound('probe'),
      gruu: bound('gruu'),
    },
    mac: derive('tandem mac', 32),
  };
}

/**
 * SHA-256 of a key of fixed length and a content. What is given away is at most half of the hash, so nobody can go on from
 * it to a longer content, which is what HMAC's second pass is for; in Node it costs a quarter of HMAC.
 */
function macOf(key: Buffer, content: Buffer, length: number): Buffer {
  // As text first: a hash that Node gives as a Buffer costs four times as much.
  const text = hash('sha256', Buffer.concat([key, content]), 'binary').slice(0, length);
  return Buffer.from(text, 'latin1');
}
