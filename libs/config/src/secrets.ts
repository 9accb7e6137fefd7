import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SwitchError } from '@tandem/domain';

const PREFIX = 'sealed:v1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

const derivedKeys = new WeakMap<KeyObject | Uint8Array, KeyObject>();
/** The older keys of a key file, by its first. */
const elderKeys = new WeakMap<object, readonly KeyObject[]>();

/**
 * Encrypts a secret (AES-256-GCM) so that the database alone does not give it away (AUTH-12).
 * @param key the 32 bytes of TANDEM_SECRET_KEY_FILE
 * @returns text that begins with `sealed:v1:`, different at each call
 */
export function sealSecret(key: KeyObject | Uint8Array, plaintext: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(key), nonce);
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
}

/**
 * Reads back what `sealSecret` wrote, also under an older key of the same file.
 * @throws SwitchError SWITCH_SECRET_INVALID where the text was not sealed with this key
 */
export function openSecret(key: KeyObject | Uint8Array, sealed: string): string {
  if (!isSealed(sealed)) throw invalid('the text is not sealed');
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw invalid('the sealed text is cut off');
  for (const each of [key, ...(elderKeys.get(key) ?? [])]) {
    const text = opened(each, bytes);
    if (text !== undefined) return text;
  }
  throw invalid('it was sealed with another key, or changed');
}

/** What a key file holds: its first line seals, all lines open, so that keys can change while calls and passwords last. */
export function secretKeysOf(key: KeyObject): readonly KeyObject[] {
  return [key, ...(elderKeys.get(key) ?? [])];
}

function opened(key: KeyObject | Uint8Array, bytes: Buffer): string | undefined {
  const decipher = createDecipheriv(
    'aes-256-gcm',
    sealingKey(key),
    bytes.subarray(0, NONCE_BYTES),
    { authTagLength: TAG_BYTES },
  );
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const body = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return undefined; // Another key may have sealed it.
  }
}

/** Whether a text has the form that `sealSecret` writes. */
export function isSealed(text: string): boolean {
  return text.startsWith(PREFIX);
}

/**
 * Makes a key of base64 text with 32 bytes; further lines hold older keys, which open what they sealed.
 * @throws SwitchError SWITCH_SECRET_INVALID where it is not that
 */
export function secretKeyFrom(base64: string): KeyObject {
  const lines = base64.split('\n').filter((line) => line.trim() !== '');
  const [first, ...elders] = (lines.length === 0 ? [''] : lines).map((line, at) => {
    const bytes = Buffer.from(line.trim(), 'base64');
    if (bytes.length === KEY_BYTES) return createSecretKey(bytes);
    const where = lines.length > 1 ? ` in line ${String(at + 1)}` : '';
    throw invalid(
      `the key${where} has ${String(bytes.length)} bytes, not 32: make one with openssl rand -base64 32`,
    );
  });
  if (first === undefined) throw invalid('there is no key');
  if (elders.length > 0) elderKeys.set(first, elders);
  return first;
}

/**
 * Reads the key file named by TANDEM_SECRET_KEY_FILE: one key a line, the one in use first.
 * @throws SwitchError SWITCH_SECRET_INVALID where it cannot be read or holds no key
 */
export async function readSecretKey(path: string): Promise<KeyObject> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid(`the key file ${path} cannot be read`, { cause });
  }
  return secretKeyFrom(text);
}

/** The master key also seals the edge's tokens: each use has a key of its own. */
function sealingKey(key: KeyObject | Uint8Array): KeyObject {
  let derived = derivedKeys.get(key);
  if (derived === undefined) {
    const bytes = hkdfSync('sha256', key, '', 'tandem configuration secrets v1', KEY_BYTES);
    derived = createSecretKey(Buffer.from(bytes));
    derivedKeys.set(key, derived);
  }
  return derived;
}

function invalid(message: string, options?: ErrorOptions): SwitchError {
  return new SwitchError('SWITCH_SECRET_INVALID', message, options);
}
