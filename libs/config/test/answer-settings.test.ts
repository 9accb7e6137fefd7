import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfiguration } from '../src/parse-configuration.ts';
import { mistakesOf, rightDocument, trunk } from './configurations.ts';

const withCarrier = (settings: Record<string, unknown>) =>
  rightDocument({
    routingGateways: [
      { name: 'carrier-a', addresses: ['127.0.0.1:5070'], prefixes: ['44'], ...settings },
    ],
  });

test('OPS-01 DENY-18 maps of codes and causes, early media and redirections of a gateway', () => {
  const result = checkConfiguration(
    withCarrier({
      codeMap: [
        { code: 503, to: 480, phrase: 'Temporarily Unavailable' },
        { code: 302, to: 410 },
      ],
      q850: { readCode: true, causes: [{ cause: 34, to: 480 }], makeReason: true },
      provisional: { ringing: 183, progress: 180, sdp: 'drop' },
      redirects: 'follow',
    }),
  );
  assert.equal(result.kind, 'valid');
  const plain = checkConfiguration(rightDocument());
  assert.equal(plain.kind, 'valid');
  const [gateway] = plain.configuration.routingGateways;
  assert.deepEqual(gateway?.codeMap, []);
  assert.deepEqual(gateway.q850, { readCode: false, causes: [], makeReason: false });
  assert.deepEqual(gateway.provisional, { ringing: 180, progress: 183, sdp: 'pass' });
  assert.equal(gateway.redirects, 'map');
});

test('OPS-01 DENY-18 what no map can be is named in words', () => {
  const cases: [Record<string, unknown>, string][] = [
    [
      { codeMap: [{ code: 200, to: 480 }] },
      'routingGateways[0].codeMap[0].code: is 200, must be from 300 to 699',
    ],
    [
      { codeMap: [{ code: 503, to: 302 }] },
      'routingGateways[0].codeMap[0].to: is 302, must be from 400 to 699',
    ],
    [
      { codeMap: [{ code: 503, to: 407 }] },
      'routingGateways[0].codeMap[0].to: is 407: a challenge cannot be made of another code',
    ],
    [
      {
        codeMap: [
          { code: 503, to: 480 },
          { code: 503, to: 486 },
        ],
      },
      'routingGateways[0].codeMap[1].code: "503" is there already, at routingGateways[0].codeMap[0].code',
    ],
    [
      { q850: { causes: [{ cause: 34, to: 480 }] } },
      'routingGateways[0].q850.causes: has no effect without readCode: true',
    ],
    [
      { provisional: { ringing: 181 } },
      'routingGateways[0].provisional.ringing: is 181, must be 180 or 183',
    ],
    [
      { redirects: 'folow' },
      'routingGateways[0].redirects: is "folow", must be follow or map or pass; did you mean "follow"?',
    ],
  ];
  for (const [settings, mistake] of cases) {
    assert.deepEqual(mistakesOf(withCarrier(settings)), [mistake]);
  }
  const [mistake] = mistakesOf(
    withCarrier({ codeMap: [{ code: 503, to: 480, phrase: 'two\r\nlines' }] }),
  );
  assert.match(mistake ?? '', /codeMap\[0\]\.phrase: .*one line/);
});

test('OPS-01 DENY-18 a mapping gateway has a code map and causes too', () => {
  const gateway = { ...trunk('t', '192.0.2.0/24'), codeMap: [{ code: 503, to: 480 }] };
  const result = checkConfiguration(
    rightDocument({ mappingGateways: [{ ...gateway, q850: { makeReason: true } }] }),
  );
  assert.equal(result.kind, 'valid');
  assert.deepEqual(
    mistakesOf(rightDocument({ mappingGateways: [{ ...gateway, redirects: 'map' }] })).length,
    1,
  );
});
