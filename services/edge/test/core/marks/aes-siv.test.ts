import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AesCmac } from '../../../src/core/marks/aes-cmac.ts';
import { AesSiv, SIV_BYTES } from '../../../src/core/marks/aes-siv.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');

function sealed(siv: AesSiv, associated: Buffer, plaintext: Buffer): Buffer {
  const target = Buffer.alloc(SIV_BYTES + plaintext.length);
  siv.seal(associated, plaintext, target);
  return target;
}

test('CALL-06 AES-CMAC gives what RFC 4493 §4 gives, whatever was before', () => {
  const cmac = new AesCmac(bytes('2b7e151628aed2a6abf7158809cf4f3c'));
  const content = bytes(`6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
    30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710`);
  const macs: readonly (readonly [length: number, mac: string])[] = [
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ];
  for (const [length, mac] of [...macs, ...macs.toReversed()]) {
    assert.equal(cmac.of(content.subarray(0, length)).toString('hex'), mac);
  }
});

const vectors = [
  {
    name: 'A.1, one header',
    key: 'fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    data: ['101112131415161718191a1b1c1d1e1f2021222324252627'],
    plaintext: '112233445566778899aabbccddee',
    output: '85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c',
  },
  {
    name: 'A.2, two headers and a nonce',
    key: '7f7e7d7c7b7a79787776757473727170 404142434445464748494a4b4c4d4e4f',
    data: [
      `00112233445566778899aabbccddeeff deaddadadeaddadaffeeddccbbaa9988
       7766554433221100`,
      '102030405060708090a0',
      '09f911029d74e35bd84156c5635688c0',
    ],
    plaintext: `7468697320697320736f6d6520706c61 696e7465787420746f20656e63727970
      74207573696e67205349562d414553`,
    output: `7bdb6e3b432667eb06f4d14bff2fbd0f cb900f2fddbe404326601965c889bf17
      dba77ceb094fa663b7a3f748ba8af829 ea64ad544a272e9c485b62a3fd5c0d`,
  },
];

for (const { name, key, data, plaintext, output } of vectors) {
  test(`CALL-06 AES-SIV gives what RFC 5297 ${name}, gives`, () => {
    const siv = new AesSiv(bytes(key));
    const associated = siv.associate(data.map(bytes));
    for (let round = 0; round < 2; round++) {
      assert.equal(
        sealed(siv, associated, bytes(plaintext)).toString('hex'),
        bytes(output).toString('hex'),
      );
      assert.deepEqual(siv.open(associated, bytes(output)), bytes(plaintext));
    }
  });
}

test('CALL-06 AES-SIV opens what it sealed, with the same associated data alone', () => {
  const siv = new AesSiv(bytes(vectors[0]?.key ?? ''));
  const [one, other] = ['one', 'other'].map((text) => siv.associate([Buffer.from(text)]));
  assert.ok(one !== undefined && other !== undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(), (content, place) => {
      const plaintext = Buffer.from(content);
      const text = sealed(siv, one, plaintext);
      assert.deepEqual(siv.open(one, text), plaintext);
      assert.equal(siv.open(other, text), undefined);
      const at = place % text.length;
      text[at] = (text[at] ?? 0) ^ 1;
      assert.equal(siv.open(one, text), undefined);
      assert.equal(siv.open(one, text.subarray(0, SIV_BYTES - 1)), undefined);
    }),
  );
});
