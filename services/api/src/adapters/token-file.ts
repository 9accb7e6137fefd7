import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SwitchError } from '@tandem/domain';

/** Proves that a request comes from an operator. Never log what it is compared with. */
export interface TokenCheck {
  /** Where the token is kept. */
  readonly path: string;
  /** Compares in a time that does not depend on the texts. */
  isRight(token: string): boolean;
}

/** Reads the token in `DATA_DIR/api-token`, or makes one at first start; only its owner can read it. */
export async function openTokenFile(dataDir: string): Promise<TokenCheck> {
  const path = join(dataDir, 'api-token');
  await mkdir(dataDir, { recursive: true });
  const token = (await create(path)) ?? (await read(path));
  const expected = digest(token);
  return { path, isRight: (given) => timingSafeEqual(digest(given), expected) };
}

/** Undefined where there is a file already, also when another process was faster. */
async function create(path: string): Promise<string | undefined> {
  const token = `tandem_${randomBytes(32).toString('base64url')}`;
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${token}\n`);
    } finally {
      await file.close();
    }
    return token;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
}

async function read(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token.length < 32) {
    throw new SwitchError(
      'SWITCH_CONFIGURATION_INVALID',
      `${path} holds no token: remove it, and a new one is made at the next start`,
    );
  }
  return token;
}

/** Digests have one length, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
