import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { openBranch, sealBranch, sealLowerVias } from '../../src/core/dialog/dialog-branch.ts';
import type { RelayedHop } from '../../src/core/dialog/dialog-branch.ts';
import {
  decodeToken,
  encodeToken,
  issueToken,
  openToken,
} from '../../src/core/dialog/dialog-token.ts';
import type { DialogToken } from '../../src/core/dialog/dialog-token.ts';
import { plainTerms } from '../../src/core/dialog/token-terms.ts';
import type { TokenTerms } from '../../src/core/dialog/token-terms.ts';
import { CALL_ID, sealer } from '../support/messages.ts';

// Tokens and branches as each version has written them into the messages of calls that are still up. Do not make these files
// anew: a pod that cannot open one of them has lost the call. A version that is new is written one release after it is read.
function recorded(version: number): Recorded {
  const file = new URL(`fixtures/tokens-${String(version)}.json`, import.meta.url);
  const { tokens, hops } = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  return {
    tokens: tokens.map((each) => ({
      ...each,
      token: { ...each.token, ...lists(each.token), terms: termsOf(each.token) },
    })),
    hops: hops.map((each) => ({
      ...each,
      hop: {
        ...each.hop,
        ...lists(each.hop, [each.hop.source.address]),
        terms: termsOf(each.hop),
      },
    })),
  };
}

/** The lists of addresses, where they are not said by default. */
function lists(
  { callerAddresses = [], holderAddresses }: Partial<Lists>,
  byDefault: readonly string[] = [],
): Lists {
  return { holderAddresses: holderAddresses ?? byDefault, callerAddresses };
}

/** What a version did not know of is as it is where nothing is said. */
function termsOf({ terms }: { readonly terms: TokenTerms }): TokenTerms {
  return { ...plainTerms, ...terms };
}

type Lists = Pick<DialogToken, 'holderAddresses' | 'callerAddresses'>;

interface Recorded {
  readonly tokens: readonly {
    readonly name: string;
    readonly text: string;
    readonly bytes: string;
    readonly isReference: boolean;
    readonly token: DialogToken;
  }[];
  readonly hops: readonly {
    readonly name: string;
    readonly branch: string;
    readonly lower: string;
    readonly hop: RelayedHop;
  }[];
}

for (const version of [0, 1]) {
  const { tokens, hops } = recorded(version);

  for (const { name, text, bytes, isReference, token } of tokens) {
    test(`CALL-06 token ${name} of version ${String(version)} is opened as it was sealed`, () => {
      const found = openToken(sealer, text);
      assert.deepEqual(decodeToken(Buffer.from(bytes, 'base64')), token);
      assert.deepEqual(
        found,
        isReference
          ? { kind: 'stored', callId: CALL_ID, holder: token.holder }
          : { kind: 'inline', token },
      );
    });

    test(`CALL-06 token ${name} of version ${String(version)} is sealed the same way again`, () => {
      assert.equal(issueToken(sealer, token).text, text);
      assert.equal(encodeToken(token).toString('base64'), bytes);
    });
  }

  for (const { name, branch, lower, hop } of hops) {
    test(`CALL-06 branch ${name} of version ${String(version)} leads back, and stays what it is`, () => {
      assert.deepEqual(openBranch(sealer, branch, lower), hop);
      // A CANCEL or ACK that another pod relays has to have the branch of its INVITE.
      assert.equal(sealBranch(sealer, hop), branch);
      assert.equal(sealLowerVias(sealer, hop) ?? '', lower);
    });
  }
}

test('CALL-06 what a later version has sealed is none of ours, and nothing breaks', () => {
  const later = sealer.seal('token', Buffer.from('82000102030405060708090a0b', 'hex'));
  assert.equal(openToken(sealer, later), undefined);
  const unknownTransport = sealer.seal(
    'token',
    Buffer.from('81000102030405060708090a0b0c0000000100ff00', 'hex'),
  );
  assert.equal(openToken(sealer, unknownTransport), undefined);
  const branch = `z9hG4bK-s${sealer.seal('branch', Buffer.from('8200', 'hex'))}`;
  assert.equal(openBranch(sealer, branch), undefined);
});
