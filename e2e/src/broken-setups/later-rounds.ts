import { as, register } from './setup.ts';
import type { BrokenSetup } from './setup.ts';

/** Set-ups that parameters break for everybody, and which go by themselves. */
interface Round {
  /** Besides those of the configuration. */
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
  readonly setups: readonly BrokenSetup[];
}

export const laterRounds: readonly Round[] = [
  {
    parameters: {
      SS_ENDPOINT_REGISTER_REPLACE: 0,
      SS_ENDPOINT_KEEPALIVE_INTERVAL: 1,
      SS_ENDPOINT_KEEPALIVE_LIMIT: 1,
      SS_UNKNOWN_SOURCE: 'refuse',
    },
    setups: [
      { name: 'more devices than a phone may have', ask: register('2310', {}, { Contact: '<sip:2310@127.0.0.1:6009>' }), first: [register('2310', {}, { Contact: '<sip:2310@127.0.0.1:6008>' })], says: [/Phone 2310 may have one device \(SERVER_REGISTRAR_MAX_BINDINGS/, /has sip:2310@127\.0\.0\.1:6008: sip:2310@127\.0\.0\.1:6009 .* was refused/], remedy: /SS_ENDPOINT_REGISTER_REPLACE to 1/ },
      { name: 'a phone that answers no keepalive', ask: register('2311', {}, { Contact: '<sip:2311@192.168.9.9:5060>' }), registration: '2311', says: [/phone 2311 left one keepalive unanswered \(OPTIONS, SS_ENDPOINT_KEEPALIVE_LIMIT\) at sip:2311@192\.168\.9\.9:5060/], remedy: /NAT/ },
      { name: 'a call to a phone that answers no keepalive', ask: { ...as('1001'), to: '2312' }, first: [register('2312', {}, { Contact: '<sip:2312@192.168.9.9:5060>' })], says: [/phone 2312 sent nothing at all/, /phone 2312 left one keepalive unanswered/], remedy: /`tandem explain registration 2312`/ },
      { name: 'a source in no list, where such are refused', ask: { from: '441632960198', to: '441', address: '127.0.0.98' }, says: [/source in no list \(no gateway lists the address, SS_UNKNOWN_SOURCE refuse/, /answered 403/], remedy: /Add 127\.0\.0\.98 to authentication\.addresses/ },
    ],
  },
  {
    parameters: { SS_REPLY_UNAUTHORIZED: false, SS_AUTHCHALLENGEMODE: 2 },
    setups: [
      { name: 'nobody who is known, where such get no answer', ask: { ...as('9997'), to: '441', patienceMs: 500 }, says: [/not known, and such get no answer \(SS_REPLY_UNAUTHORIZED Off\)/], remedy: /SS_REPLY_UNAUTHORIZED On/ },
      { name: 'a wrong password, where such get no answer', ask: { ...as('2313', { password: 'wrong' }), to: '441', patienceMs: 6000 }, says: [/wrong password/, /as phone 2313/, /it got no answer \(SS_REPLY_UNAUTHORIZED Off\)/], remedy: /Write the same password/ },
      { name: 'a registration of nobody, where such get no answer', ask: { ...register('9996'), patienceMs: 500 }, says: [/Phone 9996 got no answer .* \(SS_REPLY_UNAUTHORIZED Off\)/], remedy: /correct the user name/ },
    ],
  },
]; // prettier-ignore
