import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from './issued-certificate.ts';
import type { IssuedCertificate } from './issued-certificate.ts';

const DAY_MS = 86_400_000;

/** An authority and the files of certificates that it has issued, as long as the test runs. */
export class TlsFiles {
  readonly ca: IssuedCertificate;
  readonly #folder: string;

  /** @param t a test, or what else knows when the files are not needed any more */
  constructor(t: { after(remove: () => void): void }) {
    this.#folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'));
    t.after(() => {
      rmSync(this.#folder, { recursive: true });
    });
    this.ca = issueCertificate({ name: 'authority', ...validity() });
    this.put('ca.pem', this.ca.pem);
  }

  get caFile(): string {
    return join(this.#folder, 'ca.pem');
  }

  /** @param issuer @default the authority; null: itself */
  issue(
    names: { domains?: string[]; uris?: string[]; addresses?: string[] },
    issuer: IssuedCertificate | null = this.ca,
  ): IssuedCertificate {
    return issueCertificate({
      name: 'of a test',
      isAuthority: false,
      issuer: issuer ?? undefined,
      ...names,
      ...validity(),
    });
  }

  /** Writes NAME.crt and NAME.key. @returns path of the first */
  write(name: string, { pem, keyPem }: IssuedCertificate): string {
    this.put(`${name}.key`, keyPem);
    return this.put(`${name}.crt`, pem);
  }

  put(file: string, text: string): string {
    const path = join(this.#folder, file);
    writeFileSync(path, text);
    return path;
  }
}

/** Begun long ago: a broker, whose clock is that of the machine, sees those too that are made while the clock of tests is years ahead. */
function validity(): { validFrom: Date; validTo: Date } {
  return { validFrom: new Date(Date.UTC(2020, 0)), validTo: new Date(Date.now() + DAY_MS) };
}
