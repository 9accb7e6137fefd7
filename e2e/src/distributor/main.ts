import { readSecretKey, secretKeysOf } from '@tandem/config';
import { runService } from '@tandem/service';
import { Distributor } from './distributor.ts';
import { readDistributorSettings } from './distributor-settings.ts';

await runService('distributor', async ({ logger, env }) => {
  const settings = readDistributorSettings(env);
  const keys = secretKeysOf(await readSecretKey(settings.secretKeyFile));
  return new Distributor(settings, { logger, secrets: keys.map((key) => key.export()) });
});
