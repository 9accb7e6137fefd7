import type { Asking } from './asking-client.ts';
import type { Script } from './answering-carrier.ts';
import { configuration, demo, type ConfigurationDocument } from './configuration.ts';

/** One broken set-up: what is asked, and what `explain` has to say of it. */
export interface BrokenSetup {
  readonly name: string;
  readonly ask: Partial<Asking> & { readonly to?: string };
  /** What the first line names: the cause and its values. */
  readonly says: readonly RegExp[];
  /** What would change it. */
  readonly remedy: RegExp;
}

/** Of every phone here: it is in nothing that can be read afterwards. */
export const PASSWORD = 'never-to-be-told';

const right = { username: demo.phone, password: PASSWORD };
const as = (username: string, more: object = {}) => ({
  from: username,
  credentials: { username, password: PASSWORD, ...more },
});
const register = (username: string, more: object = {}, headers: object = {}) => ({
  method: 'REGISTER' as const,
  to: username,
  ...as(username, more),
  headers: { ...headers },
});
const raw = (more: Partial<Asking>) => ({ from: '1001', ...more });
const busy = 'a gateway that is left';

/** Numbers, and what the carrier answers to them. */
export const scripts: ReadonlyMap<string, Script> = new Map<string, Script>([
  ['44', [{ code: 180 }, { code: 200 }]],
  ['4601', [{ code: 0 }]],
  ['4602', [{ code: 180 }]],
  ['4603', [{ code: 486 }]],
  ['4604', [{ code: 403, headers: 'Reason: Q.850;cause=21;text="Call Rejected"' }]],
  ['4605', [{ code: 404 }]],
  ['4606', [{ code: 488, headers: 'Warning: 304 gw "Media type not available"' }]],
  ['4607', [{ code: 503 }]],
  ['4608', [{ code: 503 }]],
  ['4609', [{ code: 183, hasSdp: true }, { code: 503 }]],
  ['4610', [{ code: 401, headers: 'WWW-Authenticate: Digest realm="carrier", nonce="n1"' }]],
  ['4611', [{ code: 302 }]],
  ['4612', [{ code: 180 }]],
]);

/** A configuration in which every call of the table breaks, each by its own. */
export function brokenConfiguration(port: number, deadPort: number): ConfigurationDocument {
  const document = configuration(port, port);
  const gateway = (name: string, prefix: string, more: object = {}) => ({
    name,
    addresses: [`127.0.0.1:${String(port)}`],
    prefixes: [prefix],
    priority: 1,
    ...more,
  });
  document.routingGateways = [
    gateway('carrier-a', '44'),
    gateway('silent', '4601', { timers: { invite: 1 } }),
    gateway('rings-on', '4602', { timers: { ringing: 1 } }),
    gateway('busy', '4603'),
    gateway('left', '4603', { priority: 2 }),
    gateway('refuses', '4604', { stopCodes: [403] }),
    gateway('left-too', '4604', { priority: 2 }),
    gateway('knows-not', '4605'),
    gateway('other-codec', '4606'),
    gateway('stays', '4607', { switchUntilConnect: false }),
    gateway('left-3', '4607', { priority: 2 }),
    gateway('first', '4608'),
    gateway('second', '4608', { priority: 2 }),
    gateway('third', '4608', { priority: 3 }),
    gateway('early', '4609'),
    gateway('left-4', '4609', { priority: 2 }),
    gateway('asks-password', '4610'),
    gateway('moved', '4611'),
    gateway('rings', '4612'),
    gateway('barred', '4701', { lock: 'bar-all' }),
    gateway('unpaid', '4702', { account: 'vendor-locked' }),
    gateway('past', '4703', { account: 'vendor-expired' }),
    gateway('nowhere', '4704', { addresses: ['nowhere.invalid'] }),
    gateway('fails-first', '4705', { addresses: [`127.0.0.1:${String(deadPort)}`], timers: { invite: 1 } }), // prettier-ignore
    gateway('then-works', '4705', { priority: 2 }),
  ];
  (document.rateGroups[0]?.['rates'] as object[]).push(
    { prefix: '46', pricePerMinute: demo.price },
    { prefix: '47', pricePerMinute: demo.price },
    { prefix: '48', pricePerMinute: demo.price },
    { prefix: '3', pricePerMinute: demo.price },
  );
  const customer = (name: string, more: object) => ({
    name,
    openingBalance: '10',
    rateGroup: 'standard',
    ...more,
  });
  document.accounts.push(
    customer('locked', { status: 'locked' }),
    customer('expired', { validUntil: '2020-01-01T00:00:00Z' }),
    customer('broke', { openingBalance: '0' }),
    customer('full', { lineLimit: 0 }),
    { name: 'vendor-locked', type: 'vendor', status: 'locked' },
    { name: 'vendor-expired', type: 'vendor', validUntil: '2020-01-01T00:00:00Z' },
  );
  const phone = (username: string, account: string, more: object = {}) => ({
    username,
    account,
    password: PASSWORD,
    ...more,
  });
  for (const each of document.phones) each['password'] = PASSWORD;
  document.phones.push(
    phone('2001', 'locked'),
    phone('2002', 'expired'),
    phone('2003', 'broke'),
    phone('2005', 'demo', { callTypes: ['uk'] }),
    phone('2006', 'demo', { algorithms: ['SHA-256'] }),
    phone('2007', 'demo', { authentication: 'both', addresses: ['10.9.9.9/32'] }),
    phone('2008', 'demo'),
    phone('2009', 'demo', { registration: { minExpires: 600 } }),
    ...['3001', '3002', '3003', '3004', '3005', '3006', '3007', '3008'].map((name) =>
      phone(name, 'demo'),
    ),
  );
  return {
    ...document,
    callTypes: [{ name: 'uk', prefixes: ['44'] }],
    parameters: {
      ...document.parameters,
      SS_SIP_AUTHENTICATION_RETRY: 2,
      SS_SIP_AUTHENTICATION_TIMEOUT: 2,
      SS_GATEWAY_SWITCH_LIMIT: 2,
    },
  } as ConfigurationDocument;
}

/** The guides' causes that a configuration, a carrier or a client can break, and what the switch adds. */
export const brokenSetups: readonly BrokenSetup[] = [
  // Who calls.
  { name: 'a wrong password', ask: { ...as('3001', { password: 'wrong' }), to: '441' }, says: [/not let in: wrong password/, /phone 3001/, /answered 403/], remedy: /Write the same password at the side of phone 3001/ },
  { name: 'one wrong password, and no more', ask: { ...as('3002', { password: 'wrong', most: 1 }), to: '441' }, says: [/wrong password/, /answered 40[17]/], remedy: /Write the same password/ },
  { name: 'an unknown user', ask: { ...as('9999'), to: '441' }, says: [/unknown user/, /9999/], remedy: /Correct the user name at its side, or add a phone/ },
  { name: 'a wrong realm', ask: { ...as('3003', { realm: 'elsewhere' }), to: '441' }, says: [/wrong realm \(sent realm "elsewhere", expected "tandem"/], remedy: /Set the realm at the side of phone 3003 to "tandem"/ },
  { name: 'an algorithm that was not offered', ask: { ...as('2006', { algorithm: 'MD5' }), to: '441' }, says: [/algorithm not offered \(sent algorithm "MD5", expected SHA-256/], remedy: /Have phone 2006 answer by SHA-256/ },
  { name: 'a quality of protection that was not offered', ask: { ...as('3004', { qop: 'auth-conf' }), to: '441' }, says: [/qop not offered \(sent qop "auth-conf"/], remedy: /qop=auth/ },
  { name: 'a user name with a domain', ask: { ...as('3005', { username: '3005@tandem' }), to: '441' }, says: [/user name with a domain/, /"3005@tandem"/], remedy: /without what follows the @/ },
  { name: 'a trunk in no list', ask: { from: '441632960199', to: '441', address: '127.0.0.99' }, says: [/127\.0\.0\.99/, /no gateway lists the address/], remedy: /Add 127\.0\.0\.99/ },
  { name: 'a phone that ignores its challenge', ask: { from: '3006', to: '441' }, says: [/phone 3006/i, /never answered|not answered/], remedy: /user name and password/ },
  { name: 'a phone elsewhere than it may be', ask: { ...as('2007'), to: '441' }, says: [/127\.0\.0\.1/, /10\.9\.9\.9/], remedy: /Add 127\.0\.0\.1.* to addresses of phone 2007/ },
  // What its account has.
  { name: 'a locked account', ask: { ...as('2001'), to: '441' }, says: [/account locked is locked/], remedy: /status: active/ },
  { name: 'an expired account', ask: { ...as('2002'), to: '441' }, says: [/account expired is past its validity date, which was 2020-01-01/], remedy: /later validUntil/ },
  { name: 'no money', ask: { ...as('2003'), to: '441' }, says: [/account broke has 0 and an overdraft of 0/], remedy: /tandem accounts pay broke/ },
  { name: 'no rate', ask: { ...as('1001'), to: '881' }, says: [/rate group standard has no rate for 881/], remedy: /Add a rate to rate group standard/ },
  { name: 'a type of call that is not permitted', ask: { ...as('2005'), to: '46030' }, says: [/may make calls of type uk alone/, /46030/], remedy: /callTypes/ },
  // Where it goes.
  { name: 'no prefix', ask: { ...as('1001'), to: '481' }, says: [/no routing gateway has a prefix that matches 481/], remedy: /Add a prefix/ },
  { name: 'a barred gateway', ask: { ...as('1001'), to: '47010' }, says: [/barred, because it is locked \(lock: bar-all\)/], remedy: /lock: none/ },
  { name: 'a vendor that is locked', ask: { ...as('1001'), to: '47020' }, says: [/vendor vendor-locked is locked/], remedy: /unlock a vendor/ },
  { name: 'a vendor that is expired', ask: { ...as('1001'), to: '47030' }, says: [/vendor vendor-expired is past its validity date, which was 2020-01-01/], remedy: /vendor/ },
  { name: 'a name without an address', ask: { ...as('1001'), to: '47040' }, says: [/nowhere, because no address is known for nowhere\.invalid/], remedy: /See why each of them was left out/ },
  { name: 'a phone that is not registered', ask: { ...as('1001'), to: '2008' }, says: [/2008 registers here, but is not registered now/], remedy: /tandem explain registration 2008/ },
  { name: 'a number that is none', ask: { ...as('1001'), to: '44%00' }, says: [/44%00|malformed|control characters/], remedy: /./ },
  // What carriers say.
  { name: 'a silent carrier', ask: { ...as('1001'), to: '46010' }, says: [/silent sent nothing at all within [\d.]+ s \(timers\.invite of routing gateway silent\) from 127\.0\.0\.1:/], remedy: /firewall/ },
  { name: 'a carrier that rings on', ask: { ...as('1001'), to: '46020' }, says: [/rings-on answered provisionally and then nothing more came within [\d.]+ s \(timers\.ringing of routing gateway rings-on\)/], remedy: /timers\.ringing/ },
  { name: `a busy callee, and ${busy}`, ask: { ...as('1001'), to: '46030' }, says: [/busy answered 486 Busy Here: the callee is busy/, /left was not tried after it: 486 is among the stopCodes of routing gateway busy/], remedy: /Try again later/ },
  { name: `a carrier that refuses, and ${busy}`, ask: { ...as('1001'), to: '46040' }, says: [/refuses answered 403/, /cause 21 of Q\.850, Call Rejected/, /left-too was not tried after it/], remedy: /Ask its operator what he refuses/ },
  { name: 'a number that the carrier does not know', ask: { ...as('1001'), to: '46050' }, says: [/knows-not answered 404/, /does not know the number/], remedy: /prefix and rewriting/ },
  { name: 'media that the carrier does not take', ask: { ...as('1001'), to: '46060' }, says: [/other-codec answered 488/, /Media type not available/], remedy: /codecs/ },
  { name: 'switchUntilConnect: false', ask: { ...as('1001'), to: '46070' }, says: [/stays answered 503/, /left-3 was not tried after it: routing gateway stays has switchUntilConnect: false/], remedy: /./ },
  { name: 'the limit of attempts', ask: { ...as('1001'), to: '46080' }, says: [/third was not tried after it: SS_GATEWAY_SWITCH_LIMIT lets a call have 2 attempts/], remedy: /./ },
  { name: 'early media', ask: { ...as('1001'), to: '46090' }, says: [/left-4 was not tried after it: the caller had heard early media/, /SS_SIP_STOP_SWITCH_AFTER_SDP/], remedy: /./ },
  { name: 'a carrier that wants a password', ask: { ...as('1001'), to: '46100' }, says: [/asks-password/, /challenge|username|credentials/], remedy: /username and password of routing gateway asks-password/ },
  { name: 'a carrier that sends elsewhere', ask: { ...as('1001'), to: '46110' }, says: [/moved could not be used: it answered 302/], remedy: /moved/ },
  { name: 'a caller who gives up', ask: { ...as('1001'), to: '46120', cancelMs: 50 }, says: [/Cancelled with 487: the caller gave up after .* while it was ringing/], remedy: /Nothing on this side/ },
  // What is no call.
  { name: 'a last hop', ask: raw({ to: '441', headers: { 'Max-Forwards': '0' } }), says: [/as many hops as it may \(Max-Forwards 0\)/, /answered 483/], remedy: /goes round in a circle/ },
  { name: 'an extension that is not known', ask: raw({ to: '441', headers: { Require: 'gruu' } }), says: [/requires an extension that the switch does not have: gruu/, /420/], remedy: /Switch gruu off/ },
  { name: 'a session that is too short', ask: raw({ to: '441', headers: { 'Session-Expires': '20', Supported: 'timer' } }), says: [/session of 20 s, and 90 s are the least/], remedy: /90 s or more/ },
  { name: 'a message that is broken', ask: raw({ to: '441', headers: { 'Content-Length': '-5' } }), says: [/cannot be read: Content-Length is no number/, /400/], remedy: /SIP ALG/ },
  { name: 'a CSeq of another method', ask: raw({ to: '441', headers: { CSeq: '1 BYE' } }), says: [/CSeq names another method/], remedy: /valid SIP/ },
  { name: 'a scheme that is not served', ask: raw({ to: '441', requestLine: 'INVITE http://x SIP/2.0' }), says: [/http URIs are not served/, /416/], remedy: /sip: or tel:/ },
  { name: 'another version', ask: raw({ to: '441', requestLine: 'INVITE sip:1@x SIP/7.0' }), says: [/SIP\/7\.0/, /505/], remedy: /Correct whoever sends it/ },
  { name: 'a method that is not served', ask: raw({ method: 'PUBLISH', to: '441' }), says: [/PUBLISH .* is not served/, /405/], remedy: /switch PUBLISH off/ },
  { name: 'a BYE of no call', ask: raw({ method: 'BYE', to: '441' }), says: [/The BYE .* is of no call that this switch has/, /481/], remedy: /TANDEM_SECRET_KEY_FILE/ },
  { name: 'a scanner', ask: raw({ to: '441', headers: { 'User-Agent': 'friendly-scanner' } }), says: [/looks for switches to abuse \(User-Agent friendly-scanner\)/, /no answer/], remedy: /security\.scanners/ },
  // Who registers.
  { name: 'a registration with a wrong password', ask: register('3007', { password: 'wrong' }), says: [/Phone 3007 sent a wrong password/], remedy: /Make the password of phone 3007 the same/ },
  { name: 'a registration of nobody', ask: register('9998'), says: [/No phone 9998 is configured/], remedy: /correct the user name/ },
  { name: 'a registration in a wrong realm', ask: register('3008', { realm: 'elsewhere' }), says: [/wrong realm/], remedy: /realm/ },
  { name: 'a registration for too short a time', ask: register('2009', {}, { Expires: '30' }), says: [/asked .* for 30 s, and 600 s are the least/], remedy: /600 s or more/ },
  { name: 'a registration from elsewhere', ask: register('2007'), says: [/Phone 2007 may not register .*10\.9\.9\.9/], remedy: /Add the address to those of phone 2007/ },
  { name: 'a registration for somebody else', ask: { ...register('3005'), to: '3006' }, says: [/Phone 3005 wanted to register 3006/], remedy: /user of the address of record/ },
  { name: 'a registration that ignores its challenge', ask: { method: 'REGISTER', from: '3006', to: '3006' }, says: [/Phone 3006 sent a REGISTER/, /led nowhere/], remedy: /user name and password/ },
]; // prettier-ignore

export const answeredAfterAll: BrokenSetup = {
  name: 'a gateway that failed before another one answered',
  ask: { from: '1001', credentials: right, to: '47050' },
  says: [
    /after fails-first failed with 40?8, since it sent nothing at all|after fails-first failed with/,
  ],
  remedy: /^/,
};
