import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WatchedFile } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { CertificateCache, readCertificates, verifyCall } from '@tandem/stir';
import type { CallFacts, Fetched, Verdict } from '@tandem/stir';
import type { CallVerifier, Clock } from '../ports.ts';
import { countVerdict } from '../telemetry.ts';

/** Where trust and certificates come from (CALL-12). */
export interface StirSettings {
  /** PEM file of the authorities; undefined: no signature is trusted. */
  readonly trustFile: string | undefined;
  /** Folder with `map.json` and the files that it names. */
  readonly certificatesFolder: string | undefined;
  /** How other certificates are fetched; undefined: not at all. */
  readonly fetch: ((url: string) => Promise<Fetched>) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A file of the map may be replaced; it is looked at again after this. */
const LOCAL_GOOD_MS = 60_000;

/** Verifies calls with authorities from a file, and certificates from a folder or from where their signatures say. */
export class StirVerifier implements CallVerifier {
  readonly #settings: StirSettings;
  readonly #authorities: WatchedFile<readonly X509Certificate[]>;
  readonly #map: WatchedFile<ReadonlyMap<string, string>>;
  readonly #certificates: CertificateCache;

  constructor(settings: StirSettings) {
    const { certificatesFolder: folder, clock, logger, trustFile } = settings;
    const now = (): number => clock.nowMs();
    this.#settings = settings;
    this.#authorities = new WatchedFile({
      path: trustFile,
      read: readCertificates,
      otherwise: [],
      now,
      logger,
    });
    this.#map = new WatchedFile({
      path: folder === undefined ? undefined : join(folder, 'map.json'),
      read: readMap,
      otherwise: new Map(),
      now,
      logger,
    });
    this.#certificates = new CertificateCache({ fetch: (url) => this.#fetch(url), now });
  }

  async verify(call: CallFacts): Promise<Verdict> {
    const authorities = await this.#authorities.content();
    const verdict = await verifyCall(call, {
      authorities,
      certificates: (url) => this.#certificates.certificates(url),
    });
    countVerdict(verdict.kind, verdict.attestation);
    return verdict;
  }

  async #fetch(url: string): Promise<Fetched> {
    const { certificatesFolder: folder, fetch } = this.#settings;
    const name = (await this.#map.content()).get(url);
    if (folder !== undefined && name !== undefined) {
      return { bytes: await readFile(join(folder, name)), goodForMs: LOCAL_GOOD_MS };
    }
    return fetch === undefined ? `${url} is not in map.json, and nothing is fetched` : fetch(url);
  }
}

/** @throws SyntaxError or TypeError where it is no object of texts */
function readMap(bytes: Buffer): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('it is no object');
  const map = new Map<string, string>();
  for (const [url, name] of Object.entries(parsed)) {
    // A name, not a path: what is read stays in the folder.
    if (typeof name !== 'string' || !/^[\w][\w.-]*$/.test(name)) {
      throw new TypeError(`${url} names no file of the folder`);
    }
    map.set(url, name);
  }
  return map;
}
