import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeServerPort } from './free-port.ts';
import type { IssuedCertificate } from './issued-certificate.ts';
import type { TlsFiles } from './tls-files.ts';

interface SecuredKafkaOptions {
  /** Ports of the listeners. */
  readonly ports: { readonly saslTls: number; readonly sasl: number; readonly mutualTls: number };
  /** What the brokers show, and what the certificates of clients must be of. */
  readonly certificate: IssuedCertificate;
  readonly authority: IssuedCertificate;
  readonly username: string;
  readonly password: string;
}

/** Listeners of a broker that ask for TLS and for names: what a managed Kafka has. */
export class SecuredKafka {
  readonly #options: SecuredKafkaOptions;

  private constructor(options: SecuredKafkaOptions) {
    this.#options = options;
  }

  /** On free ports, with a certificate of the authority of `files`, which clients' certificates must be of, too. */
  static async of(
    files: TlsFiles,
    user: { readonly username: string; readonly password: string },
  ): Promise<SecuredKafka> {
    const [saslTls, sasl, mutualTls] = [
      await freeServerPort(),
      await freeServerPort(),
      await freeServerPort(),
    ];
    const certificate = files.issue({ addresses: ['127.0.0.1'] });
    const ports = { saslTls, sasl, mutualTls };
    return new SecuredKafka({ ports, certificate, authority: files.ca, ...user });
  }

  /** TLS, and a name by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  get saslTls(): readonly string[] {
    return [`127.0.0.1:${String(this.#options.ports.saslTls)}`];
  }

  /** The same in plain text. */
  get sasl(): readonly string[] {
    return [`127.0.0.1:${String(this.#options.ports.sasl)}`];
  }

  /** TLS, and a certificate of the client's. */
  get mutualTls(): readonly string[] {
    return [`127.0.0.1:${String(this.#options.ports.mutualTls)}`];
  }

  /** Writes what `deploy/local/stores` adds to a broker's settings. @param folder of the broker */
  prepare(
    folder: string,
    { broker, controller }: { readonly broker: number; readonly controller: number },
  ): void {
    const { authority, certificate, password, ports, username } = this.#options;
    const chain = join(folder, 'broker.pem');
    const trust = join(folder, 'trust.pem');
    writeFileSync(chain, certificate.keyPem + certificate.pem);
    writeFileSync(trust, authority.pem);
    const listeners = [
      `PLAINTEXT://127.0.0.1:${String(broker)}`,
      `SASL_SSL://127.0.0.1:${String(ports.saslTls)}`,
      `SASL_PLAINTEXT://127.0.0.1:${String(ports.sasl)}`,
      `SSL://127.0.0.1:${String(ports.mutualTls)}`,
    ];
    const jaas = 'org.apache.kafka.common.security';
    const lines = [
      `listeners=${[...listeners, `CONTROLLER://127.0.0.1:${String(controller)}`].join(',')}`,
      `advertised.listeners=${listeners.join(',')}`,
      `listener.security.protocol.map=${[
        'PLAINTEXT',
        'CONTROLLER:PLAINTEXT',
        'SASL_SSL',
        'SASL_PLAINTEXT',
        'SSL',
      ]
        .map((each) => (each.includes(':') ? each : `${each}:${each}`))
        .join(',')}`,
      'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      ...['sasl_ssl', 'sasl_plaintext'].flatMap((listener) => [
        `listener.name.${listener}.plain.sasl.jaas.config=${jaas}.plain.PlainLoginModule required user_${username}="${password}";`,
        `listener.name.${listener}.scram-sha-256.sasl.jaas.config=${jaas}.scram.ScramLoginModule required;`,
        `listener.name.${listener}.scram-sha-512.sasl.jaas.config=${jaas}.scram.ScramLoginModule required;`,
      ]),
      'ssl.keystore.type=PEM',
      `ssl.keystore.location=${chain}`,
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${trust}`,
      'listener.name.ssl.ssl.client.auth=required',
      '',
    ];
    writeFileSync(join(folder, 'more.properties'), lines.join('\n'));
    const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]);
    writeFileSync(join(folder, 'users'), `${users.join('\n')}\n`);
  }
}
