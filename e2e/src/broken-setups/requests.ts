import type { BrokenSetup } from './setup.ts';

/** What is no call. */
export const requestSetups: readonly BrokenSetup[] = [
  { name: 'a last hop', ask: { from: '1001',  to: '441', headers: { 'Max-Forwards': '0' } }, says: [/as many hops as it may \(Max-Forwards 0\)/, /answered 483/], remedy: /goes round in a circle/ },
  { name: 'an extension that is not known', ask: { from: '1001',  to: '441', headers: { Require: 'gruu' } }, says: [/requires an extension that the switch does not have: gruu/, /420/], remedy: /Switch gruu off/ },
  { name: 'a session that is too short', ask: { from: '1001',  to: '441', headers: { 'Session-Expires': '20', Supported: 'timer' } }, says: [/session of 20 s, and 90 s are the least/], remedy: /90 s or more/ },
  { name: 'a message that is broken', ask: { from: '1001',  to: '441', headers: { 'Content-Length': '-5' } }, says: [/cannot be read: Content-Length is no number/, /400/], remedy: /SIP ALG/ },
  { name: 'a CSeq of another method', ask: { from: '1001',  to: '441', headers: { CSeq: '1 BYE' } }, says: [/CSeq names another method/], remedy: /valid SIP/ },
  { name: 'a scheme that is not served', ask: { from: '1001',  to: '441', requestLine: 'INVITE http://x SIP/2.0' }, says: [/http URIs are not served/, /416/], remedy: /sip: or tel:/ },
  { name: 'another version', ask: { from: '1001',  to: '441', requestLine: 'INVITE sip:1@x SIP/7.0' }, says: [/SIP\/7\.0/, /505/], remedy: /Correct whoever sends it/ },
  { name: 'a method that is not served', ask: { from: '1001',  method: 'PUBLISH', to: '441' }, says: [/PUBLISH .* is not served/, /405/], remedy: /switch PUBLISH off/ },
  { name: 'a BYE of no call', ask: { from: '1001',  method: 'BYE', to: '441' }, says: [/The BYE .* is of no call that this switch has/, /481/], remedy: /TANDEM_SECRET_KEY_FILE/ },
  { name: 'a scanner', ask: { from: '1001', to: '441', patienceMs: 500, headers: { 'User-Agent': 'friendly-scanner' } }, says: [/looks for switches to abuse \(User-Agent friendly-scanner\)/, /no answer/], remedy: /security\.scanners/ },
]; // prettier-ignore
