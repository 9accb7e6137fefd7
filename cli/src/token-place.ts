import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `tandem sign-in` keeps the token of an API: one for each, so that none is sent to another. */
export function ownTokenFile(api: string, env: NodeJS.ProcessEnv): string {
  const home = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config');
  const place = api.replace(/^https?:\/\//, '').replaceAll(/[^\w.-]+/g, '_');
  return join(home, 'tandem', `token-${place}`);
}

/** The token of whoever has signed in, else that of the data directory. */
export function defaultTokenFile(api: string, env: NodeJS.ProcessEnv): string {
  const own = ownTokenFile(api, env);
  return existsSync(own) ? own : `${env['TANDEM_DATA_DIR'] ?? '.tandem'}/api-token`;
}
