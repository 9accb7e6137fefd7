import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SwitchError } from '@tandem/domain';
import { TlsContexts } from '@tandem/sip';
import type { TlsMaterial } from '@tandem/sip';
import type { Logger } from '@tandem/service';
import { certificateChanges, certificateExpiry } from '../telemetry.ts';

/** Files (PEM) that SIP over TLS is spoken with. */
export interface SipTlsFiles {
  /** Certificates with their chains, NAME.crt; the key of each is in NAME.key beside it. The first is shown where none is asked for. */
  readonly certificates: readonly string[];
  /** Authorities that certificates of peers must be of. @default those that Node trusts, for gateways that are called alone */
  readonly ca?: string | undefined;
}

export interface SipTlsOptions {
  readonly files: SipTlsFiles;
  readonly logger: Logger;
  /** How often it is looked whether files have changed. @default 10 s */
  readonly lookEveryMs?: number | undefined;
}

const LOOK_EVERY_MS = 10_000;

/**
 * The certificates of a process, read again when their files change: new connections are made with the new ones, those that are
 * open stay. What cannot be used leaves everything as it was, and is said in log and metric.
 */
export class SipTls {
  readonly contexts: TlsContexts;
  readonly #options: SipTlsOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  /** What was looked at last, whether it could be used or not. */
  #seen: string;
  #isLooking = false;

  /** @throws SwitchError SWITCH_CONFIGURATION_INVALID where a file cannot be read or used */
  constructor(options: SipTlsOptions) {
    this.#options = options;
    const { files, lookEveryMs = LOOK_EVERY_MS } = options;
    try {
      const texts = pathsOf(files).map((path) => readFileSync(path, 'utf8'));
      this.#seen = texts.join('\0');
      this.contexts = new TlsContexts(materialOf(files, texts));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `TANDEM_SIP_TLS_CERTIFICATES, TANDEM_SIP_TLS_CA: ${why}`;
      throw new SwitchError('SWITCH_CONFIGURATION_INVALID', message, { cause: error });
    }
    this.#unwatch = certificateExpiry(() => this.contexts.expiresMs);
    this.#timer = setInterval(() => {
      void this.look(); // It says itself what goes wrong.
    }, lookEveryMs).unref();
  }

  /** Looks at the files now. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { files, logger } = this.#options;
    try {
      const paths = pathsOf(files);
      const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
      const text = texts.join('\0');
      if (text === this.#seen) return;
      // Files are written one after the other: what does not fit together now may do so at the next look.
      this.#seen = text;
      this.contexts.replace(materialOf(files, texts));
      certificateChanges.add(1, { result: 'replaced' });
      logger.info({ paths }, 'certificates of SIP read');
    } catch (error) {
      certificateChanges.add(1, { result: 'kept' });
      logger.warn({ err: error }, 'certificates of SIP cannot be used: those before are kept');
    } finally {
      this.#isLooking = false;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unwatch();
  }
}

function pathsOf({ certificates, ca }: SipTlsFiles): string[] {
  return [
    ...certificates.flatMap((path) => [path, keyFileOf(path)]),
    ...(ca === undefined ? [] : [ca]),
  ];
}

function materialOf({ certificates, ca }: SipTlsFiles, texts: readonly string[]): TlsMaterial {
  return {
    certificates: certificates.map((_path, at) => ({
      certificate: texts[2 * at] ?? '',
      key: texts[2 * at + 1] ?? '',
    })),
    ca: ca === undefined ? undefined : texts.at(-1),
  };
}

function keyFileOf(path: string): string {
  return path.replace(/\.crt$/, '.key');
}

/** Reads `/etc/tandem/sip.crt,/etc/tandem/other.crt`; undefined for anything else. */
export function certificateFiles(text: string): readonly string[] | undefined {
  const paths = text.split(',').map((path) => path.trim());
  return paths.every((path) => /.\.crt$/.test(path)) ? paths : undefined;
}
