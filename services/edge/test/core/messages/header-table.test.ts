import assert from 'node:assert/strict';
import test from 'node:test';
import { identityHeaders, identityTermsOf } from '@tandem/domain';
import { CandidateIdentity } from '@tandem/proto/routing';
import type { DialogTerms } from '@tandem/proto/routing';
import { SipRequest } from '@tandem/sip';
import type { SipMessage } from '@tandem/sip';
import type { RelayedHop } from '../../../src/core/dialog/dialog-branch.ts';
import type { DialogToken } from '../../../src/core/dialog/dialog-token.ts';
import { plainTerms } from '../../../src/core/dialog/token-terms.ts';
import { rejection, relayedResponse } from '../../../src/core/messages/caller-response.ts';
import { carrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import { relayedRequest } from '../../../src/core/messages/dialog-request.ts';
import { relayedDialogResponse } from '../../../src/core/messages/dialog-response.ts';
import {
  headerTable,
  isUsedIn,
  passages,
  UNKNOWN_HEADER,
  verdictOf,
} from '../../../src/core/messages/header-table.ts';
import type { HeaderRow, PassageName, Verdict } from '../../../src/core/messages/header-table.ts';
import {
  CALL_ID,
  carrierResponse,
  inviteOf,
  local as unnamed,
  SDP,
} from '../../support/messages.ts';

const local = { ...unnamed, product: 'Example/2.0' };

const SESSION = 1800;
const methods = ['INVITE', 'UPDATE', 'INFO', 'PRACK', 'NOTIFY', 'SUBSCRIBE', 'MESSAGE', 'REFER'];
const statuses = [180, 200, 404, 420, 423, 486, 503];

/** Both sides are trusted, and give and take all of it: what can be mapped is. */
const identity = identityTermsOf({
  trusted: true,
  headers: identityHeaders,
  uri: 'sip',
  userPhone: false,
  verstat: true,
});
const terms = {
  ...plainTerms,
  sessionSeconds: SESSION,
  identityA: identity,
  identityB: identity,
};

const dialogTerms: DialogTerms = {
  sessionIntervalSeconds: SESSION,
  probeIntervalSeconds: 0,
  relaysRefer: false,
  contact: 'user',
  identityA: identity,
  identityB: identity,
};

const token: DialogToken = {
  callId: CALL_ID,
  holder: 'a',
  holderAddresses: ['192.0.2.10'],
  callerAddresses: [],
  target: 'sip:gw@203.0.113.5:5071',
  nextHop: { address: '203.0.113.5', port: 5071 },
  routes: ['<sip:203.0.113.9;lr>'],
  callIdHeader: CALL_ID,
  localUri: '<sip:1001@198.51.100.1>',
  remoteUri: '<sip:442079460000@203.0.113.5:5070>',
  localTag: 'alice',
  remoteTag: 'carrier',
  cseqOffset: 2,
  firstCseq: 17,
  isRouted: false,
  isStored: false,
  terms,
};

const hop: RelayedHop = {
  callId: CALL_ID,
  from: 'a',
  source: { address: '192.0.2.10', port: 5062 },
  vias: ['SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKx'],
  callIdHeader: 'call@office.example',
  fromHeader: '<sip:1001@office.example>;tag=alice',
  toHeader: '<sip:442079460000@198.51.100.1>;tag=switch',
  cseqNumber: 18,
  terms,
  cseqOffset: 2,
  firstCseq: 17,
  isRouted: false,
  isOtherRouted: true,
  holderAddresses: ['192.0.2.10'],
  callerAddresses: [],
};

/** A header on its way. */
interface Sample {
  readonly name: string;
  readonly value: string;
  readonly method: string;
  readonly status: number;
  readonly body: string;
}

const byPassage: Readonly<Record<PassageName, (sample: Sample) => SipMessage>> = {
  invite: ({ name, value, body }) => {
    const invite = inviteOf({ 'Content-Type': 'application/sdp', [name]: value }, body);
    return carrierInvite({
      invite,
      callId: CALL_ID,
      local,
      product: local.product,
      caller: '442070000000',
      target: { uri: 'sip:442079460000@203.0.113.5:5070', path: [] },
      branch: 'z9hG4bKours',
      cseqOffset: 0,
      passedBody: invite.body,
      contactToken: 'TOKEN',
      terms: dialogTerms,
      identity: CandidateIdentity.fromPartial({
        asserted: '441632960123',
        verification: { verdict: 'passed', attestation: 'A', origid: 'id' },
      }),
      signature: 'signed',
    });
  },
  answer: ({ name, value, status, body }) => {
    const response = carrierResponse(status, { [name]: value }, body);
    // RFC 3262 §3: what is reliable passes to a caller that can acknowledge it.
    const invite = inviteOf({ Supported: '100rel' });
    const said = { invite, response, passedBody: response.body, toTag: 'tag', local };
    return status < 300
      ? relayedResponse({ ...said, contactToken: 'TOKEN', terms: dialogTerms })
      : rejection({ ...said, code: status, phrase: 'No' });
  },
  callerRequest: (sample) => requestFrom('a', sample),
  carrierRequest: (sample) => requestFrom('b', sample),
  callerResponse: (sample) => responseTo('b', sample),
  carrierResponse: (sample) => responseTo('a', sample),
};

function requestFrom(holder: 'a' | 'b', { name, value, method, body }: Sample): SipMessage {
  const { headers } = inviteOf({
    CSeq: `18 ${method}`,
    To: '<sip:442079460000@198.51.100.1>;tag=switch',
    'Refer-To': '<sip:1002@office.example>',
    [name]: value,
  });
  const request = new SipRequest(method, 'sip:TOKEN@198.51.100.1', headers, Buffer.from(body));
  const isRefresh = contactRow?.methods?.includes(method) === true;
  return relayedRequest({
    request,
    passedBody: request.body,
    token: { ...token, holder },
    branch: 'z9hG4bK-sX',
    local,
    contactToken: isRefresh ? 'TOKEN' : undefined,
  });
}

const contactRow = headerTable.find(({ name }) => name === 'Contact');

function responseTo(from: 'a' | 'b', { name, value, method, status, body }: Sample): SipMessage {
  const response = carrierResponse(status, { CSeq: `18 ${method}`, [name]: value }, body);
  const isRefresh = contactRow !== undefined && isUsedIn(contactRow, { method, status });
  return relayedDialogResponse({
    response,
    method,
    hop: { ...hop, from },
    local,
    passedBody: response.body,
    contactToken: isRefresh ? 'TOKEN' : undefined,
  });
}

/** Values that a header can have; all others are text. */
const samples: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP secret.example;branch=z9hG4bKsecret',
  From: '"Alice" <sip:1001@secret.example>;tag=alice',
  To: '<sip:1@secret.example>',
  'Call-ID': 'x@secret.example',
  Contact: '<sip:gw@secret.example>',
  Route: '<sip:secret.example;lr>',
  'Record-Route': '<sip:secret.example;lr>',
  'User-Agent': 'secret',
  Server: 'secret',
  Warning: '399 secret.example "secret"',
  'Max-Forwards': '70',
  'Content-Length': '4',
  Require: '100rel',
  'Min-SE': '100',
  RSeq: '7',
};

/** What a header that is mapped comes with, and what goes on. */
const mappings: Readonly<Record<string, readonly [string, string]>> = {
  'Alert-Info': [
    '<http://secret/ring.wav>, <urn:alert:source:internal>',
    '<urn:alert:source:internal>',
  ],
  Allow: ['INVITE, PUBLISH, BYE, REFER', 'INVITE, BYE'],
  Require: ['Timer, secret', 'timer'],
  Supported: ['100Rel, gruu, TIMER', '100rel, timer'],
  RAck: ['776 17 INVITE', '776 19 INVITE'],
  'Refer-To': ['<sip:447700@secret.example>', '<sip:447700@198.51.100.1:5060>'],
  'Session-Expires': ['3600;refresher=uac', '1800;refresher=uac'],
  Contact: ['<sip:gw@secret.example>', '<sip:TOKEN@198.51.100.1:5060>'],
  'P-Asserted-Identity': [
    'Bob <sip:441632960456@secret.example>',
    'Bob <sip:441632960456@198.51.100.1>',
  ],
  'Remote-Party-ID': [
    'Bob <sip:441632960456@secret.example>;screen=yes',
    'Bob <sip:441632960456@198.51.100.1>;party=PARTY;screen=yes;privacy=off',
  ],
  Privacy: ['Session; Critical', 'session;critical'],
  Diversion: [
    '<sip:441632960456@secret.example>;reason=away;x=secret',
    '<sip:441632960456@198.51.100.1>;reason=away',
  ],
  'History-Info': [
    'Bob <sip:441632960456@secret.example>;index=1;x=secret',
    '<sip:441632960456@198.51.100.1>;index=1',
  ],
};

for (const row of headerTable) {
  test(`CALL-01 ${row.name} is as the table says in every message between the legs`, () => {
    for (const passage of passages) {
      for (const method of passage === 'invite' || passage === 'answer' ? ['INVITE'] : methods) {
        for (const status of /invite|Request/.test(passage) ? [0] : statuses) {
          check(row, passage, { method, status });
        }
      }
    }
  });
}

function check(
  row: HeaderRow,
  passage: PassageName,
  about: { readonly method: string; readonly status: number },
): void {
  const { name } = row;
  const isUsed = isUsedIn(row, { ...about, status: about.status === 0 ? undefined : about.status });
  const verdict = isUsed ? verdictOf(row, passage) : 'dropped';
  const value =
    name === 'CSeq'
      ? `18 ${about.method}`
      : ((verdict === 'mapped' ? mappings[name]?.[0] : undefined) ?? samples[name] ?? 'secret');
  const sent = byPassage[passage]({ ...about, name, value, body: SDP });
  const where = `${name} ${passage} ${about.method} ${String(about.status)}`;
  assert.ok(isRight(verdict, name, { sent, value, passage }), `${where}: ${sent.headers.toText()}`);
  if (row.isOfBody !== true) return;
  const empty = byPassage[passage]({ ...about, name, value, body: '' });
  assert.ok(!empty.headers.has(name), `${where} without a body`);
}

function isRight(
  verdict: Verdict,
  name: string,
  {
    sent,
    value,
    passage,
  }: { readonly sent: SipMessage; readonly value: string; readonly passage: PassageName },
): boolean {
  const found = sent.headers.getAll(name);
  switch (verdict) {
    case 'passed':
      return found.length === 1 && found[0] === value;
    case 'mapped':
      return (
        found.length === 1 && found[0] === mappings[name]?.[1].replace('PARTY', partyOf(passage))
      );
    case 'made':
      // That of the body is written with the bytes.
      return name === 'Content-Length' || (found.length > 0 && !found.join().includes('secret'));
    case 'dropped':
      // One of these has a header of ours in its place: a refusal its Reason, an answer what its own rows say.
      return !found.join().includes('secret') && (found.length === 0 || found[0] !== value);
  }
}

/** Whom a message speaks of. */
function partyOf(passage: PassageName): string {
  return passage.startsWith('caller') ? 'calling' : 'called';
}

test('CALL-01 a header that nobody here knows stays on its side', () => {
  assert.equal(UNKNOWN_HEADER, 'dropped');
  for (const passage of passages) {
    for (const name of ['X-Secret', 'P-Next-Year', 'constructor']) {
      const about = { name, value: 'secret', method: 'INVITE', status: 200, body: SDP };
      const { headers } = byPassage[passage](about);
      assert.ok(!headers.has(name), `${name} ${passage}`);
    }
  }
});

test('CALL-01 no header stands in the table twice, and each says why', () => {
  const names = headerTable.map(({ name }) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length);
  for (const { name, why } of headerTable) assert.match(why, /\w/, name);
});

test('CALL-04 T2-24 options are known whatever their case, and pass as they are registered', () => {
  const { headers } = byPassage.invite({
    name: 'Supported',
    value: '100Rel, Timer, GRUU',
    method: 'INVITE',
    status: 0,
    body: '',
  });
  assert.equal(headers.get('Supported'), '100rel, timer');
  const { headers: answered } = byPassage.answer({
    name: 'Require',
    value: 'Timer',
    method: 'INVITE',
    status: 200,
    body: '',
  });
  assert.equal(answered.get('Require'), 'timer');
});

test('ROUTE-06 T2-20 a 503 in the dialog is no 503 of the switch: 500, without Retry-After', () => {
  for (const from of ['a', 'b'] as const) {
    const response = carrierResponse(503, {
      CSeq: '18 INVITE',
      'Retry-After': '300',
      Subject: 'x',
    });
    const relayed = relayedDialogResponse({
      response,
      method: 'INVITE',
      hop: { ...hop, from },
      local,
      passedBody: response.body,
    });
    assert.deepEqual([relayed.status, relayed.reason], [500, 'Server Internal Error']);
    assert.equal(relayed.headers.get('Retry-After'), undefined);
    assert.equal(relayed.headers.get('Subject'), 'x');
    assert.equal(response.headers.get('Retry-After'), '300');
  }
});
