import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { WatchedFile } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { signCall, signedNumber } from '@tandem/stir';
import type { Attestation } from '@tandem/stir';
import type { Signing } from '../core/call/call-steps.ts';
import type { CallSigner, Clock, SigningRequest } from '../ports.ts';

interface KeyFiles {
  readonly key: WatchedFile<KeyObject | undefined>;
  readonly certificate: WatchedFile<X509Certificate | undefined>;
}

export interface FolderSignerOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Signs calls with the keys of a folder: NAME.key, and NAME.crt, which says for how long the key is good (RFC 8224 §6.1). */
export class FolderSigner implements CallSigner {
  readonly #options: FolderSignerOptions;
  readonly #files = new Map<string, KeyFiles>();

  constructor(options: FolderSignerOptions) {
    this.#options = options;
  }

  async sign({ callee, nowMs, signature }: SigningRequest): Promise<Signing> {
    const { attestation, certificate: name, number, origid, x5u } = signature;
    const caller = signedNumber(number);
    const dest = signedNumber(callee);
    const level = levels.find((each) => each === attestation);
    if (level === undefined) return unsigned(signature.because);
    if (caller === undefined) return unsigned(`${number} is no number`);
    if (dest === undefined) return unsigned(`${callee} is no number`);
    const files = this.#of(name);
    const [key, certificate] = [await files.key.content(), await files.certificate.content()];
    const trouble = troubleOf(name, { key, certificate, nowMs });
    if (key === undefined || trouble !== undefined) return unsigned(trouble ?? '');
    try {
      const claims = { attestation: level, origid, caller, callee: dest, atMs: nowMs };
      return { kind: 'signed', identity: await signCall(claims, { key, x5u }) };
    } catch (error) {
      return unsigned(`${name}.key: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #of(name: string): KeyFiles {
    let files = this.#files.get(name);
    if (files === undefined) {
      const { clock, folder, logger } = this.#options;
      const shared = { now: () => clock.now(), logger, otherwise: undefined };
      files = {
        key: new WatchedFile({
          ...shared,
          path: join(folder, `${name}.key`),
          read: (pem) => createPrivateKey(pem),
        }),
        certificate: new WatchedFile({
          ...shared,
          path: join(folder, `${name}.crt`),
          read: (pem) => new X509Certificate(pem),
        }),
      };
      this.#files.set(name, files);
    }
    return files;
  }
}

const levels: readonly Attestation[] = ['A', 'B', 'C'];

/** Others would not take what is signed so. */
function troubleOf(
  name: string,
  {
    certificate,
    key,
    nowMs,
  }: {
    readonly key: KeyObject | undefined;
    readonly certificate: X509Certificate | undefined;
    readonly nowMs: number;
  },
): string | undefined {
  if (key === undefined) return `${name}.key is not to be had`;
  if (certificate === undefined) return `${name}.crt is not to be had`;
  if (Date.parse(certificate.validTo) < nowMs)
    return `${name}.crt has expired on ${certificate.validTo}`;
  if (Date.parse(certificate.validFrom) > nowMs) {
    return `${name}.crt is not valid before ${certificate.validFrom}`;
  }
  return certificate.checkPrivateKey(key) ? undefined : `${name}.key is not the key of ${name}.crt`;
}

function unsigned(cause: string): Signing {
  return { kind: 'unsigned', cause };
}
