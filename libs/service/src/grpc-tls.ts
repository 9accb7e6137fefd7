import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ChannelCredentials, ServerCredentials, experimental } from '@grpc/grpc-js';
import { ConfigurationError, readEnvironment } from '@tandem/config';
import type { Mistake } from '@tandem/config';
import { z } from 'zod';
import type { Logger } from './logger.ts';
import { certificateChanges, certificateExpiry } from './telemetry.ts';

/** PEM texts for TLS between services. */
export interface TlsTexts {
  /** Certificates of the authorities that the other side must be signed by. */
  readonly ca: Buffer;
  /** This service's own certificate and its chain. */
  readonly certificate: Buffer;
  /** The key of the certificate. */
  readonly key: Buffer;
}

/** The files of these texts. */
export type TlsFileNames = { readonly [Part in keyof TlsTexts]: string };

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

const LOOK_EVERY_MS = 10_000;

/**
 * The certificates that services show each other, both sides one. Files that have changed are read again, every ten seconds and
 * whenever a stream is opened: new connections are made with what they hold, those that are open stay. What does not fit together, such as
 * a key that is not the certificate's, leaves everything as it was. (grpc-js' own watcher closes a server in that case: findings/grpc-certificate-files.sh.)
 */
export class GrpcTls implements experimental.CertificateProvider {
  readonly #files: TlsFileNames;
  readonly #lookEveryMs: number;
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  /** What was looked at last, whether it could be used or not. */
  #seen: string;
  #texts: TlsTexts;
  #logger: Logger | undefined;

  /** @throws where a file cannot be read, or they do not fit together */
  constructor(files: TlsFileNames, lookEveryMs = LOOK_EVERY_MS) {
    this.#files = files;
    this.#lookEveryMs = lookEveryMs;
    this.#texts = readTexts(files);
    this.#seen = markOf(this.#texts);
    checkTogether(this.#texts);
  }

  /** What the files hold now. */
  current(): TlsTexts {
    try {
      const texts = readTexts(this.#files);
      const mark = markOf(texts);
      if (mark === this.#seen) return this.#texts;
      this.#seen = mark;
      checkTogether(texts);
      this.#texts = texts;
      certificateChanges.add(1, { result: 'replaced' });
      this.#logger?.info({ files: this.#files }, 'certificates of services read');
      this.#tellAll();
    } catch (error) {
      // Files are written one after the other: what does not fit together now may do so at the next look.
      certificateChanges.add(1, { result: 'kept' });
      this.#logger?.warn(
        { err: error },
        'certificates of services cannot be used: those before are kept',
      );
    }
    return this.#texts;
  }

  /** Where it says what it reads. */
  set logger(logger: Logger) {
    this.#logger = logger;
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    this.#watch();
    // Not at once: whoever adds it is not ready to be told before it has.
    process.nextTick(() => {
      listener({ caCertificate: this.#texts.ca });
    });
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
    this.#watch();
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    this.#watch();
    process.nextTick(() => {
      listener(identityOf(this.#texts));
    });
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
    this.#watch();
  }

  #tellAll(): void {
    for (const listener of this.#identityListeners) listener(identityOf(this.#texts));
    for (const listener of this.#caListeners) listener({ caCertificate: this.#texts.ca });
  }

  /** Looks every ten seconds while anybody wants to know. */
  #watch(): void {
    if (this.#caListeners.size + this.#identityListeners.size === 0) {
      clearInterval(this.#timer);
      this.#unwatch?.();
      this.#timer = undefined;
      this.#unwatch = undefined;
      return;
    }
    this.#unwatch ??= certificateExpiry(() => expiryOf(this.#texts));
    this.#timer ??= setInterval(() => {
      this.current();
    }, this.#lookEveryMs).unref();
  }
}

function readTexts({ ca, certificate, key }: TlsFileNames): TlsTexts {
  return {
    ca: readFileSync(ca),
    certificate: readFileSync(certificate),
    key: readFileSync(key),
  };
}

function markOf({ ca, certificate, key }: TlsTexts): string {
  return [ca, certificate, key].map((text) => text.toString('latin1')).join('\0');
}

/** @throws where one is no PEM, or the key is another certificate's */
function checkTogether({ ca, certificate, key }: TlsTexts): void {
  const own = new X509Certificate(certificate);
  if (!own.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the key is not that of the certificate');
  }
  new X509Certificate(ca).toString();
}

function expiryOf({ certificate }: TlsTexts): number {
  return new X509Certificate(certificate).validToDate.getTime();
}

function identityOf({ certificate, key }: TlsTexts): experimental.IdentityCertificateUpdate {
  return { certificate, privateKey: key };
}

/**
 * Reads the files named by `TANDEM_TLS_CA_FILE`, `TANDEM_TLS_CERT_FILE` and `TANDEM_TLS_KEY_FILE`.
 * Undefined (plain text between services) where none is set.
 * @throws ConfigurationError where only some are set, a file cannot be read or they do not fit together.
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
  const mistakes = names.flatMap((path) => mistakeOf(path, files[path] ?? ''));
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  try {
    return new GrpcTls({
      ca: files.TANDEM_TLS_CA_FILE ?? '',
      certificate: files.TANDEM_TLS_CERT_FILE ?? '',
      key: files.TANDEM_TLS_KEY_FILE ?? '',
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError([{ path: names.join(', '), message: `cannot be used: ${why}` }]);
  }
}

function mistakeOf(path: string, file: string): readonly Mistake[] {
  try {
    readFileSync(file);
    return [];
  } catch {
    return [{ path, message: `cannot read ${file}` }];
  }
}

const tlsSettings = z.object({
  TANDEM_TLS_CA_FILE: z.string().optional(),
  TANDEM_TLS_CERT_FILE: z.string().optional(),
  TANDEM_TLS_KEY_FILE: z.string().optional(),
});

/** Credentials of the calling side; plain text without `tls`. */
export function clientCredentials(tls: GrpcTls | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  return experimental.createCertificateProviderChannelCredentials(tls, tls);
}

/** Credentials of the serving side, which with `tls` asks for the caller's certificate. */
export function serverCredentials(tls: GrpcTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return experimental.createCertificateProviderServerCredentials(tls, tls, true);
}
