import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Terms } from '@tandem/proto/billing';
import { userOf } from '@tandem/sip';
import fc from 'fast-check';
import { configure, gateway, openRouter, request } from './routing-fixture.ts';

/** Prices and gateways that lie close to each other, so that one digit more or less is another of both. */
const prefixes = ['', '4', '44', '447', '8', '88', '882', '#', '*9', '1'];
const spread = configure({
  rateGroups: [
    {
      name: 'standard',
      currency: 'USD',
      rates: prefixes.map((prefix, at) => ({ prefix, pricePerMinute: `0.0${String(at + 1)}` })),
    },
  ],
  routingGateways: prefixes.map((prefix) =>
    gateway(`to-${prefix === '' ? 'any' : prefix.replace('#', 'x').replace('*', 'y')}`, [prefix], {
      prefixMode: 'expiration',
    }),
  ),
});

const digit = fc.constantFrom(...Array.from('0123456789'), '4', '8');
const national = fc.string({ unit: digit, minLength: 1, maxLength: 12 });
const code = fc.string({ unit: fc.constantFrom('*', '#', '9', '1'), minLength: 1, maxLength: 6 });

/** Each character plain or escaped, with what people put between digits. */
const spelled = (number: string): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom('', '', '-', '.', '(', ')', '%2D', '%20'), fc.boolean()), {
      minLength: number.length,
      maxLength: number.length,
    })
    .map((ways) =>
      Array.from(number, (character, at) => {
        const [before, isEscaped] = ways[at] ?? ['', false];
        const hex = character.charCodeAt(0).toString(16);
        const must = character === '#';
        return before + (isEscaped || must ? `%${hex}` : character);
      }).join(''),
    );

const parameters = fc.constantFrom('', ';npdi', ';isub=12;ext=3', '%3Brn=+1900', ';tgrp=a');
const after = fc.constantFrom('', ';user=phone', ';transport=tcp;user=phone', ';lr');
const scheme = fc.constantFrom('sip', 'SIP', 'sips');

/** A number, and a URI that names it in one of the ways that RFC 3261 and RFC 3966 know. */
const named = fc.oneof(
  fc
    .tuple(fc.oneof(national, code), fc.constantFrom('', '+'), scheme, parameters, after)
    .chain(([number, plus, kind, inUser, behind]) =>
      spelled(`${plus}${number}`).map((text) => ({
        number,
        uri: `${kind}:${text}${inUser}@switch.example:5060${behind}`,
      })),
    ),
  fc
    .tuple(national, fc.constantFrom('', ':secret'), scheme)
    .chain(([number, password, kind]) =>
      spelled(number).map((text) => ({ number, uri: `${kind}:${text}${password}@switch.example` })),
    ),
  // RFC 3966 §5.1.5: a local number, and the country that it is one of.
  fc
    .tuple(fc.constantFrom('44', '1', '88'), national, fc.integer({ min: 0, max: 2 }))
    .chain(([country, number, form]) =>
      spelled(number).map((text) => {
        const context = `;phone-context=+${country}`;
        const uris = [
          `tel:${text.replace(/%../g, (hex) => decodeURIComponent(hex)).replaceAll(' ', '')}${context}`,
          `sip:${text}${context}@switch.example;user=phone`,
          `sip:${text}@switch.example;user=phone${context}`,
        ];
        return { number: `${country}${number}`, uri: uris[form] ?? '' };
      }),
    ),
);

test('CALL-12 T2-07 no spelling of a number in a URI reaches another rate, route, line or CDR than its plain form', async () => {
  const { router } = await openRouter(spread);
  const asked = async (callee: string) => {
    const { outcome } = await router.route(request('c1', { callee }));
    if (outcome?.$case !== 'routed') return { reason: outcome?.value.reason };
    const { candidates, customerTerms, lines } = outcome.value;
    const called = candidates.map(({ gateway: to, callee: sent, targets }) => ({
      to,
      callee: sent.replace(/^\+/, ''),
      uri: targets[0]?.uri.replace(/^sip:\+/, 'sip:'),
    }));
    return { called, lines, price: Terms.decode(customerTerms).pricePerMinute };
  };
  await fc.assert(
    fc.asyncProperty(named, async ({ number, uri }) => {
      assert.deepEqual(await asked(userOf(uri)), await asked(number), uri);
    }),
    { numRuns: 1000 },
  );
});

test('CALL-12 T2-10 no spelling of a prefix is another prefix', async () => {
  const { router, use } = await openRouter(spread);
  for (const prefix of ['+44', '44', '+4', '+882']) {
    use(
      configure({
        rateGroups: [
          { name: 'standard', currency: 'USD', rates: [{ prefix, pricePerMinute: '0.5' }] },
        ],
        routingGateways: [gateway('a', [prefix])],
      }),
    );
    const bare = prefix.replace('+', '');
    for (const callee of [`${bare}123`, `+${bare}123`, `%2B${bare}-123`]) {
      const { outcome } = await router.route(request('c1', { callee }));
      assert.equal(outcome?.$case, 'routed', `${prefix} ${callee}`);
    }
    const { outcome } = await router.route(request('c1', { callee: '999' }));
    assert.equal(outcome?.$case, 'deny');
  }
});
