import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
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
  const token = (await readIfThere(path)) ?? (await create(path)) ?? (await read(path));
  const expected = digest(token);
  return { path, isRight: (given) => timingSafeEqual(digest(given), expected) };
}

/** Undefined where there is a file already, also when another process was faster. */
async function create(path: string): Promise<string | undefined> {
  const token = `tandem_${randomBytes(32).toString('base64url')}`;
  // Written elsewhere and linked when complete: nobody ever reads half a token.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${token}\n`, { flag: 'wx', mode: 0o600 });
  try {
    await link(draft, path);
    return token;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await read(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
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
