import { readFileSync } from 'node:fs';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { ConfigurationError, readEnvironment } from '@tandem/config';
import type { Mistake } from '@tandem/config';
import { z } from 'zod';

/** PEM texts for TLS between services; both sides show a certificate where all three are given. */
export interface GrpcTls {
  /** Certificates of the authorities that the other side must be signed by. */
  readonly ca: Buffer;
  /** This service's own certificate and its chain. */
  readonly certificate: Buffer;
  /** The key of the certificate. */
  readonly key: Buffer;
}

/**
 * Reads the files named by `TANDEM_TLS_CA_FILE`, `TANDEM_TLS_CERT_FILE` and `TANDEM_TLS_KEY_FILE`.
 * Undefined (plain text between services) where none is set.
 * @throws ConfigurationError where only some are set or a file cannot be read, naming every one.
 */
export function readGrpcTls(env: NodeJS.ProcessEnv): GrpcTls | undefined {
  const files = readEnvironment(tlsSettings, env);
  const names = Object.keys(tlsSettings.shape) as (keyof typeof files)[];
  const missing = names.filter((name) => files[name] === undefined);
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) {
    const message = `is not set: TLS between services needs ${names.join(', ')} together`;
    throw new ConfigurationError(missing.map((path) => ({ path, message })));
  }
  const mistakes: Mistake[] = [];
  const read = (path: keyof typeof files): Buffer => {
    const file = files[path] ?? '';
    try {
      return readFileSync(file);
    } catch {
      mistakes.push({ path, message: `cannot read ${file}` });
      return Buffer.alloc(0);
    }
  };
  const tls = {
    ca: read('TANDEM_TLS_CA_FILE'),
    certificate: read('TANDEM_TLS_CERT_FILE'),
    key: read('TANDEM_TLS_KEY_FILE'),
  };
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return tls;
}

const tlsSettings = z.object({
  TANDEM_TLS_CA_FILE: z.string().optional(),
  TANDEM_TLS_CERT_FILE: z.string().optional(),
  TANDEM_TLS_KEY_FILE: z.string().optional(),
});

/** Credentials of the calling side; plain text without `tls`. */
export function clientCredentials(tls: GrpcTls | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(tls.ca, tls.key, tls.certificate);
}

/** Credentials of the serving side, which with `tls` asks for the caller's certificate. */
export function serverCredentials(tls: GrpcTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(
    tls.ca,
    [{ private_key: tls.key, cert_chain: tls.certificate }],
    true,
  );
}
