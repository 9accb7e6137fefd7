import assert from 'node:assert/strict';
import test from 'node:test';
import { formatNameAddr, Params, parseNameAddr, SipParseError } from '../../src/index.ts';

test('CALL-02 a name-addr falls into name, URI and parameters', () => {
  const cases: [string, string, string, string, string | undefined][] = [
    ['<sip:a@x>', '', 'sip:a@x', '', undefined],
    ['sip:a@x', '', 'sip:a@x', '', undefined],
    ['sip:a@x;tag=1;lr', '', 'sip:a@x', ';tag=1;lr', '1'],
    ['sip:a@x ; tag = 1', '', 'sip:a@x', ';tag=1', '1'],
    ['<sip:a@x;lr>;tag=1', '', 'sip:a@x;lr', ';tag=1', '1'],
    ['Ann<sip:a@x>;tag', 'Ann', 'sip:a@x', ';tag', undefined],
    ['<sip:a@x>;tag=;lr', '', 'sip:a@x', ';tag=;lr', undefined],
    ['  Ann B.  <sip:a@x> ; tag="q"', 'Ann B.', 'sip:a@x', ';tag="q"', 'q'],
    ['"A, \\"B\\" <c>" < sip:a@x >', 'A, "B" <c>', 'sip:a@x', '', undefined],
    ['""<sip:a@x>', '', 'sip:a@x', '', undefined],
    ['caf\xc3\xa9\xa0 <sip:a@x>', 'caf\xc3\xa9\xa0', 'sip:a@x', '', undefined],
    ['<tel:+44>;tag=1', '', 'tel:+44', ';tag=1', '1'],
    ['<sip:a@x?b=c>', '', 'sip:a@x?b=c', '', undefined],
    ['*', '', '*', '', undefined],
  ];
  for (const [text, displayName, uri, params, tag] of cases) {
    const read = parseNameAddr(text);
    assert.deepEqual(
      [read.displayName, read.uri, read.params.toString(), read.tag],
      [displayName, uri, params, tag],
      text,
    );
  }
});

test('CALL-02 what is no name-addr is refused', () => {
  for (const text of [
    ...[
      '',
      ' ',
      'nobody',
      '<>',
      '<nobody>',
      '<sip:a@x',
      '"Ann <sip:a@x>',
      '"Ann" sip:a@x',
      '"Ann"',
    ],
    ...[
      'Ann, B <sip:a@x>',
      'Ann;B <sip:a@x>',
      'Ann "B" <sip:a@x>',
      '<sip:a@x> tag=1',
      '<sip:a@x>>',
    ],
    ...['sip:a@x?b=c', 'sip:a@x,sip:b@x', '<sip:a@x>;tag="1', '<sip:a@x>;=1', ':a', '<:a>'],
  ]) {
    assert.throws(() => parseNameAddr(text), SipParseError, text);
  }
});

test('CALL-02 a name-addr is written in brackets, its name quoted where it has to be', () => {
  assert.equal(formatNameAddr({ uri: 'sip:a@x' }), '<sip:a@x>');
  assert.equal(formatNameAddr({ displayName: 'Ann', uri: 'sip:a@x' }), 'Ann <sip:a@x>');
  assert.equal(
    formatNameAddr({
      displayName: 'Ann "B"',
      uri: 'sip:a@x',
      params: new Params([['tag', '1']]),
    }),
    '"Ann \\"B\\"" <sip:a@x>;tag=1',
  );
  assert.equal(formatNameAddr({ uri: '*' }), '*');
});
