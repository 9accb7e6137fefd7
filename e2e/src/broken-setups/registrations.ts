import { as, register } from './setup.ts';
import type { BrokenSetup } from './setup.ts';

/** Who registers, or does not. */
export const registrationSetups: readonly BrokenSetup[] = [
  { name: 'a registration with a wrong password', ask: register('3007', { password: 'wrong' }), says: [/Phone 3007 sent a wrong password/], remedy: /Make the password of phone 3007 the same/ },
  { name: 'a registration of nobody', ask: register('9998'), says: [/No phone 9998 is configured/], remedy: /correct the user name/ },
  { name: 'a registration in a wrong realm', ask: register('3008', { realm: 'elsewhere' }), says: [/wrong realm/], remedy: /realm/ },
  { name: 'a registration for too short a time', ask: register('2009', {}, { Expires: '30' }), says: [/asked .* for 30 s, and 600 s are the least/], remedy: /600 s or more/ },
  { name: 'a registration from elsewhere', ask: register('2007'), says: [/Phone 2007 may not register .*10\.9\.9\.9/], remedy: /Add the address to those of phone 2007/ },
  { name: 'a registration for somebody else', ask: { ...register('3005'), to: '3006' }, says: [/Phone 3005 wanted to register 3006/], remedy: /user of the address of record/ },
  { name: 'a registration that ignores its challenge', ask: { method: 'REGISTER', from: '3006', to: '3006' }, says: [/Phone 3006 sent a REGISTER/, /led nowhere/], remedy: /user name and password/ },
  { name: 'a registration that is suspended', ask: register('4111'), first: [register('4111', { password: 'wrong' })], firstUntil: { path: '/api/v1/suspensions', has: 'phone 4111' }, registration: '4111', says: [/phone 4111 is suspended until 20\d\d-.* after \d+ failures \(SS_AUTHENTICATION_MAX_RETRY 6\), the last one from 127\.0\.0\.1:\d+: wrong password/], remedy: /tandem suspensions lift "phone 4111/ },
  { name: 'a registration that another device took', ask: register('4124', {}, { Contact: '<sip:4124@127.0.0.1:6002>' }), first: [register('4124', {}, { Contact: '<sip:4124@127.0.0.1:6001>' })], registration: '4124', says: [/another device of phone 4124, at sip:4124@127\.0\.0\.1:6002 .* took the place of sip:4124@127\.0\.0\.1:6001/, /SERVER_REGISTRAR_MAX_BINDINGS/], remedy: /phone of its own/ },
  { name: 'a registration that its phone removed', ask: { ...register('4125', {}, { Expires: '0', Contact: '<sip:4125@127.0.0.1:6003>' }) }, first: [register('4125', {}, { Contact: '<sip:4125@127.0.0.1:6003>' })], registration: '4125', says: [/phone 4125 removed sip:4125@127\.0\.0\.1:6003 itself/], remedy: /register again/ },
  { name: 'a phone that never came', ask: { ...as('1001'), to: '2008' }, registration: '4123', says: [/Phone 4123 is not registered: no REGISTER of it has come/], remedy: /firewall/ },
  { name: 'a contact that is no address', ask: register('4126', {}, { Contact: '<tel:123>' }), says: [/Phone 4126 sent a REGISTER .* a contact is no SIP URI/], remedy: /contact or proxy settings/ },
  { name: 'a registration of a phone that is known by an address elsewhere', ask: { method: 'REGISTER', from: '4132', to: '4132' }, says: [/Phone 4132 may not register from 127\.0\.0\.1:\d+: its addresses are 127\.0\.0\.5\/32/], remedy: /Add the address/ },
  { name: 'a registration of a locked phone', ask: register('4109'), registration: '4109', says: [/Phone 4109 is registered/, /It is locked \(status: locked\), so that it cannot call/], remedy: /tandem phones set 4109 status=active/ },
  { name: 'a registration from a source that is denied', ask: { ...register('4127'), address: '127.0.0.67', patienceMs: 500 }, says: [/black-listed \(127\.0\.0\.64\/28 in security\.deny\)/], remedy: /security\.deny/ },
]; // prettier-ignore
