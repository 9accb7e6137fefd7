import type { SASLOptions } from 'kafkajs';
import type { ConnectionOptions } from 'node:tls';

/**
 * How a client knows Kafka, and proves to Kafka who it is. What it reads it reads anew for each connection, so that a renewed
 * certificate or password is in use with the next one.
 */
export interface KafkaSecurity {
  /** Undefined: plain text. */
  readonly tls?: KafkaTls | undefined;
  /** Undefined: without a name. */
  readonly sasl?: KafkaCredentials | undefined;
}

/** PEM texts for TLS. */
interface KafkaTls {
  /** Authorities that the brokers' certificates must be of; undefined: those that Node trusts. */
  readonly ca: () => Buffer | undefined;
  /** A certificate of the client's own and its key, for brokers that ask for one. */
  readonly identity?: {
    readonly certificate: () => Buffer;
    readonly key: () => Buffer;
  };
}

/** Who the client is. */
export interface KafkaCredentials {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: () => string;
  /** Where the password comes from, for messages. */
  readonly passwordFile: string;
}

/** What KafkaJS takes for it: it reads these fields again for each connection, so getters stand for them. */
export function securityOptions({ tls, sasl }: KafkaSecurity): {
  ssl?: ConnectionOptions;
  sasl?: SASLOptions;
} {
  return {
    ...(tls === undefined ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  };
}

function tlsOptions({ ca, identity }: KafkaTls): ConnectionOptions {
  const options: ConnectionOptions = {
    get ca() {
      return ca();
    },
  };
  if (identity === undefined) return options;
  // A spread would read a getter here, once and for all.
  Object.defineProperties(options, {
    cert: { enumerable: true, get: identity.certificate },
    key: { enumerable: true, get: identity.key },
  });
  return options;
}

function saslOptions({ mechanism, username, password }: KafkaCredentials): SASLOptions {
  return {
    mechanism: mechanism as 'plain',
    username,
    get password() {
      return password();
    },
  };
}
