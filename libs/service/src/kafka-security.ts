import { ConfigurationError, readEnvironment } from '@tandem/config';
import type { Mistake } from '@tandem/config';
import type { KafkaSecurity } from '@tandem/events';
import { z } from 'zod';
import { renewedFile } from './renewed-file.ts';

const schema = z.object({
  TANDEM_KAFKA_TLS: z
    .enum(['on', 'off'], 'write on or off')
    .default('off')
    .transform((text) => text === 'on'),
  TANDEM_KAFKA_TLS_CA_FILE: z.string().optional(),
  TANDEM_KAFKA_TLS_CERT_FILE: z.string().optional(),
  TANDEM_KAFKA_TLS_KEY_FILE: z.string().optional(),
  TANDEM_KAFKA_SASL: z
    .enum(
      ['plain', 'scram-sha-256', 'scram-sha-512'],
      'write plain, scram-sha-256 or scram-sha-512',
    )
    .optional(),
  TANDEM_KAFKA_USERNAME: z.string().optional(),
  TANDEM_KAFKA_PASSWORD_FILE: z.string().optional(),
});
type Variables = z.output<typeof schema>;

/**
 * Reads how Kafka is spoken to: `TANDEM_KAFKA_TLS…`, `TANDEM_KAFKA_SASL`, `TANDEM_KAFKA_USERNAME` and
 * `TANDEM_KAFKA_PASSWORD_FILE`. Undefined (plain text, without a name) where none is set. The files are read again for each connection.
 * @throws ConfigurationError naming every contradiction and every file that cannot be read
 */
export function readKafkaSecurity(env: NodeJS.ProcessEnv): KafkaSecurity | undefined {
  const values = readEnvironment(schema, env);
  const mistakes = contradictions(values);
  const file = (path: keyof Variables, name: string): (() => Buffer) => {
    try {
      return renewedFile(name);
    } catch {
      mistakes.push({ path, message: `cannot read ${name}` });
      return () => Buffer.alloc(0);
    }
  };
  const { TANDEM_KAFKA_TLS_CA_FILE: ca, TANDEM_KAFKA_PASSWORD_FILE: passwordFile } = values;
  const { TANDEM_KAFKA_TLS_CERT_FILE: certificate, TANDEM_KAFKA_TLS_KEY_FILE: key } = values;
  const tls = {
    ca: ca === undefined ? () => undefined : file('TANDEM_KAFKA_TLS_CA_FILE', ca),
    ...(certificate === undefined || key === undefined
      ? {}
      : {
          identity: {
            certificate: file('TANDEM_KAFKA_TLS_CERT_FILE', certificate),
            key: file('TANDEM_KAFKA_TLS_KEY_FILE', key),
          },
        }),
  };
  const password =
    passwordFile === undefined ? undefined : file('TANDEM_KAFKA_PASSWORD_FILE', passwordFile);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  const { TANDEM_KAFKA_SASL: mechanism, TANDEM_KAFKA_USERNAME: username } = values;
  const sasl =
    mechanism === undefined ||
    username === undefined ||
    password === undefined ||
    passwordFile === undefined
      ? undefined
      : // An editor ends the last line.
        {
          mechanism,
          username,
          password: () =>
            password()
              .toString('utf8')
              .replace(/\r?\n$/, ''),
          passwordFile,
        };
  if (!values.TANDEM_KAFKA_TLS && sasl === undefined) return undefined;
  return { tls: values.TANDEM_KAFKA_TLS ? tls : undefined, sasl };
}

function contradictions(values: Variables): Mistake[] {
  const mistakes: Mistake[] = [];
  const isSet = (name: keyof Variables): boolean => values[name] !== undefined;
  const credentials = ['TANDEM_KAFKA_USERNAME', 'TANDEM_KAFKA_PASSWORD_FILE'] as const;
  const identity = ['TANDEM_KAFKA_TLS_CERT_FILE', 'TANDEM_KAFKA_TLS_KEY_FILE'] as const;
  for (const path of credentials) {
    if (isSet('TANDEM_KAFKA_SASL') && !isSet(path)) {
      mistakes.push({
        path,
        message: `is not set: TANDEM_KAFKA_SASL=${String(values.TANDEM_KAFKA_SASL)} needs it`,
      });
    }
    if (!isSet('TANDEM_KAFKA_SASL') && isSet(path)) {
      const message =
        'has no use without TANDEM_KAFKA_SASL: say plain, scram-sha-256 or scram-sha-512';
      mistakes.push({ path, message });
    }
  }
  for (const path of identity) {
    if (!isSet(path) && identity.some(isSet)) {
      mistakes.push({ path, message: `is not set: ${identity.join(' and ')} belong together` });
    }
  }
  if (values.TANDEM_KAFKA_TLS) return mistakes;
  for (const path of ['TANDEM_KAFKA_TLS_CA_FILE', ...identity] as const) {
    if (isSet(path)) mistakes.push({ path, message: 'has no use without TANDEM_KAFKA_TLS=on' });
  }
  if (values.TANDEM_KAFKA_SASL === 'plain') {
    const message =
      'is plain, which shows the password to the network: set TANDEM_KAFKA_TLS=on, or use scram-sha-512';
    mistakes.push({ path: 'TANDEM_KAFKA_SASL', message });
  }
  return mistakes;
}
