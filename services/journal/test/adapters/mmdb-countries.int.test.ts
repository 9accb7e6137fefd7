import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { openCountries } from '../../src/adapters/mmdb-countries.ts';

test('REG-06 the country of a network is known, IPv4 and IPv6; private ones and unknown ones are named so', async () => {
  const countries = await openCountries();
  const known = [
    // A block of the Deutsche Telekom, and the root server of RIPE NCC.
    ['80.128.0.0/24', 'DE'],
    ['2003:0:0::/48', 'DE'],
    ['193.0.14.0/24', 'NL'],
    ['10.1.2.0/24', 'private'],
    ['100.64.9.0/24', 'private'],
    ['fd00:1:2::/48', 'private'],
    ['127.0.0.0/24', 'private'],
    ['', 'unknown'],
    ['no network', 'unknown'],
    ['255.255.255.0/24', 'unknown'],
  ];
  for (const [network = '', country] of known) {
    assert.equal(countries.countryOf(network), country, network);
    assert.equal(countries.countryOf(network), country, network);
  }
});

test('REG-06 a file that is none of countries is refused with its name', async () => {
  for (const file of [import.meta.filename, '/nowhere.mmdb']) {
    await assert.rejects(
      openCountries(file),
      (error) => error instanceof SwitchError && error.message.startsWith(file),
    );
  }
});
