import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's first choice for argon2id (RFC 9106): 19 MiB, two passes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const HASH_BYTES = 32;
/** Each takes 19 MiB and a thread of the pool: a flood of sign-ins must leave both. */
const MOST_AT_ONCE = 2;

const derive = promisify(argon2) as (
  algorithm: 'argon2id',
  parameters: Argon2Parameters,
) => Promise<Buffer>;

/** What an unknown name is held against: it must not be answered sooner than a known one. */
const nobody = `$argon2id$v=19$m=${String(COST.memory)},t=${String(COST.passes)},p=1$${base64(Buffer.alloc(16))}$${base64(Buffer.alloc(HASH_BYTES))}`;

let running = 0;
const waiting: (() => void)[] = [];

/** Hashes a password (OPS-12): argon2id with a salt of its own, as PHC text. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await inTurn(() =>
    derive('argon2id', { message: password, nonce: salt, tagLength: HASH_BYTES, ...COST }),
  );
  const { memory, parallelism, passes } = COST;
  return `$argon2id$v=19$m=${String(memory)},t=${String(passes)},p=${String(parallelism)}$${base64(salt)}$${base64(hash)}`;
}

/** Whether a password is the one that was hashed. @param stored undefined: of nobody, which takes as long */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const read =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored ?? nobody) ??
    [];
  const [, memory, passes, parallelism, salt = '', hash = ''] = read;
  const expected = Buffer.from(hash, 'base64');
  if (expected.length === 0) return false;
  const given = await inTurn(() =>
    derive('argon2id', {
      message: password,
      nonce: Buffer.from(salt, 'base64'),
      tagLength: expected.length,
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
    }),
  );
  return timingSafeEqual(given, expected) && stored !== undefined;
}

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    // Whoever is next takes the place over.
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
