import { checkConfiguration } from '@tandem/config';
import { atOnce } from '@tandem/domain';
import type { Configuration } from '@tandem/config';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Origins } from '../../src/core/origins.ts';
import { exampleDocument } from '../scene.ts';

function originsOf(change: Readonly<Record<string, unknown>>): Origins {
  const result = checkConfiguration({ ...exampleDocument, ...change });
  assert.equal(result.kind, 'valid', JSON.stringify(result));
  return atOnce(Origins.inSteps(result.configuration));
}

function gateway(name: string, authentication: object): object {
  return { name, account: 'demo', authentication };
}

test('AUTH-01 a gateway in mode ip-port goes before one in mode ip', () => {
  const origins = originsOf({
    mappingGateways: [
      gateway('net', { mode: 'ip', addresses: ['198.51.100.0/24', '2001:db8::/48'] }),
      gateway('box', { mode: 'ip-port', addresses: ['198.51.100.7:5062', '[2001:db8::7]:5060'] }),
    ],
  });
  const nameAt = (address: string, port: number): string => {
    const match = origins.bySource({ address, port });
    return match.kind === 'origin' ? match.origin.name : match.kind;
  };
  assert.equal(nameAt('198.51.100.7', 5062), 'box');
  assert.equal(nameAt('198.51.100.7', 5063), 'net');
  assert.equal(nameAt('2001:db8:0::7', 5060), 'box');
  assert.equal(nameAt('2001:db8::8', 5060), 'net');
  assert.equal(nameAt('203.0.113.1', 5060), 'unknown');
});

test('AUTH-01 a host name, which an older release let into a list of addresses, matches no source', () => {
  const result = checkConfiguration({
    ...exampleDocument,
    mappingGateways: [gateway('box', { mode: 'ip-port', addresses: ['192.0.2.1:5060'] })],
  });
  assert.equal(result.kind, 'valid');
  const stored = JSON.stringify(result.configuration).replace('192.0.2.1', 'pbx.example.org');
  const origins = atOnce(Origins.inSteps(JSON.parse(stored) as Configuration));
  assert.equal(origins.bySource({ address: '192.0.2.1', port: 5060 }).kind, 'unknown');
});
