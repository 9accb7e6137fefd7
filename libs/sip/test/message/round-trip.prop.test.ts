import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  formatChallenge,
  formatCredentials,
  formatNameAddr,
  formatUri,
  formatVia,
  Headers,
  Params,
  parseChallenge,
  parseCredentials,
  parseMessage,
  parseNameAddr,
  parseUri,
  parseVia,
  serialize,
  SipRequest,
  SipResponse,
  splitList,
  unescapeUri,
  escapeUser,
  type SipMessage,
} from '../../src/index.ts';

function textOf(characters: string, minLength = 1, maxLength = 16): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters.split('')), minLength, maxLength });
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const token = textOf(`${letters}-.!%*_+\`'~`);
/** Any bytes but control characters: what may stand in a header, UTF-8 or not. */
const bytes = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const trimmed = bytes.map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
const host = fc.oneof(
  textOf(`${letters}-.`),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const uriText = textOf(`${letters}-_.!~*'()%+$`);
const headerParams = fc
  .array(fc.tuple(token, fc.oneof(fc.constant<true>(true), token, bytes.map(quoted))))
  .map((entries) => new Params(entries));
const uriParams = fc
  .array(fc.tuple(uriText, fc.oneof(fc.constant<true>(true), uriText)))
  .map((entries) => new Params(entries));
const uri = fc
  .record({
    scheme: fc.constantFrom('sip', 'sips'),
    user: fc.option(textOf(`${letters}-_.!~*'()&=+$,;?/%`), { nil: undefined }),
    password: fc.option(textOf(`${letters}&=+$,`, 0), { nil: undefined }),
    host,
    port,
    params: uriParams,
    headers: uriParams,
  })
  .map((parts) => (parts.user === undefined ? { ...parts, password: undefined } : parts));

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** As plain data: two Params are the same when their texts are. */
function plain(value: object): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([name, part]: [string, unknown]) => [
      name,
      part instanceof Params ? part.toString() : part,
    ]),
  );
}

test('CALL-02 a URI that was written is read as it was', () => {
  fc.assert(
    fc.property(uri, (parts) => {
      assert.deepEqual(plain(parseUri(formatUri(parts))), plain(parts));
    }),
  );
});

test('CALL-02 any bytes in a user part survive their escapes', () => {
  fc.assert(
    fc.property(
      bytes.filter((text) => text !== ''),
      (text) => {
        const user = escapeUser(text);
        assert.equal(unescapeUri(parseUri(formatUri({ user, host: 'h' })).user ?? ''), text);
      },
    ),
  );
});

test('CALL-02 a name-addr that was written is read as it was', () => {
  const parts = fc.record({ displayName: bytes, uri: uri.map(formatUri), params: headerParams });
  fc.assert(
    fc.property(parts, (nameAddr) => {
      const { tag, ...read } = parseNameAddr(formatNameAddr(nameAddr));
      assert.deepEqual(plain(read), plain(nameAddr));
      const expected = nameAddr.params.get('tag');
      assert.equal(tag, expected === true ? undefined : expected);
    }),
  );
});

test('CALL-02 a Via that was written is read as it was', () => {
  const parts = fc.record({
    protocol: fc.constantFrom('SIP/2.0', 'SIP/7.0'),
    transport: fc.oneof(fc.constantFrom('UDP', 'TCP', 'WSS'), token),
    host,
    port,
    branch: token.map((text) => `z9hG4bK${text}`),
    params: headerParams,
  });
  fc.assert(
    fc.property(parts, (via) => {
      const params = via.params.clone();
      params.delete('branch');
      const read = parseVia(formatVia({ ...via, params }));
      assert.equal(read.params.toString(), `;branch=${via.branch}${params.toString()}`);
      assert.deepEqual(plain({ ...read, params }), plain({ ...via, params }));
    }),
  );
});

test('AUTH-04 a challenge and credentials that were written are read as they were', () => {
  const challenge = fc.record({
    realm: bytes,
    nonce: bytes,
    opaque: fc.option(bytes, { nil: undefined }),
    algorithm: fc.option(token, { nil: undefined }),
    qop: fc.subarray(['auth', 'auth-int']),
    stale: fc.boolean(),
    domain: fc.option(bytes, { nil: undefined }),
  });
  fc.assert(
    fc.property(challenge, (each) => {
      assert.deepEqual(parseChallenge(formatChallenge(each)), { ...each });
    }),
  );
  const credentials = fc.record({
    username: bytes,
    realm: bytes,
    nonce: bytes,
    uri: bytes,
    response: bytes,
    algorithm: fc.option(token, { nil: undefined }),
    opaque: fc.option(bytes, { nil: undefined }),
    cnonce: bytes,
    qop: fc.constantFrom('auth', 'auth-int', undefined),
    nc: textOf('0123456789abcdef', 8, 8),
  });
  fc.assert(
    fc.property(credentials, (each) => {
      assert.deepEqual(parseCredentials(formatCredentials(each)), { ...each });
    }),
  );
});

test('CALL-02 a list header falls into the elements that it was put together from', () => {
  const element = fc.record({ displayName: bytes, uri: uri.map(formatUri) }).map(formatNameAddr);
  fc.assert(
    fc.property(fc.array(element), fc.constantFrom(',', ', ', ' , ', ',,'), (elements, comma) => {
      assert.deepEqual(splitList(elements.join(comma)), elements);
    }),
  );
});

const headers = fc
  .array(
    fc.tuple(fc.oneof(fc.constantFrom('Via', 'v', 'TO', 'subject', 'X-Other'), token), trimmed),
  )
  .map((entries) => entries.filter(([name]) => !/^(content-length|l)$/i.test(name)))
  .map((entries) => new Headers(entries));
const body = fc.uint8Array({ maxLength: 80 }).map((content) => Buffer.from(content));
const message: fc.Arbitrary<SipMessage> = fc.oneof(
  fc
    .tuple(token, uri.map(formatUri), headers, body)
    .map(([method, target, lines, content]) => new SipRequest(method, target, lines, content)),
  fc
    .tuple(fc.integer({ min: 100, max: 699 }), bytes, headers, body)
    .map(([status, reason, lines, content]) => new SipResponse(status, reason, lines, content)),
);

test('CALL-02 a message that was written is read as it was, and written again as it was read', () => {
  fc.assert(
    fc.property(message, (written) => {
      const datagram = serialize(written);
      const read = parseMessage(datagram);
      assert.deepEqual(read.headers.entries().slice(0, -1), written.headers.entries());
      assert(read.body.equals(written.body));
      assert.deepEqual(startLine(read), startLine(written));
      assert.deepEqual(serialize(read), datagram);
    }),
  );
});

function startLine(of: SipMessage): (string | number)[] {
  return of.kind === 'request' ? [of.method, of.uri, of.version] : [of.status, of.reason];
}

test('CALL-02 any bytes at all are a message or a parse error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (content) => {
      try {
        parseMessage(Buffer.from(content));
      } catch (error) {
        assert.equal((error as Error).name, 'SipParseError');
      }
    }),
  );
});
