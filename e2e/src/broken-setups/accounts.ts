import { as, trunk } from './setup.ts';
import type { BrokenSetup } from './setup.ts';

/** What its account has, and may. */
export const accountSetups: readonly BrokenSetup[] = [
  { name: 'a locked account', ask: { ...as('2001'), to: '441' }, says: [/account locked is locked/], remedy: /status: active/ },
  { name: 'an expired account', ask: { ...as('2002'), to: '441' }, says: [/account expired is past its validity date, which was 2020-01-01/], remedy: /later validUntil/ },
  { name: 'no money', ask: { ...as('2003'), to: '441' }, says: [/account broke has 0 and an overdraft of 0/], remedy: /tandem accounts pay broke/ },
  { name: 'no rate', ask: { ...as('1001'), to: '881' }, says: [/rate group standard has no rate for 881/], remedy: /Add a rate to rate group standard/ },
  { name: 'a type of call that is not permitted', ask: { ...as('2005'), to: '46030' }, says: [/may make calls of type uk alone/, /46030/], remedy: /callTypes/ },
  { name: 'money that another call has reserved', ask: { ...as('4133'), to: '441' }, beside: [{ ...as('4101'), to: '441' }], says: [/account two-cents has 0\.02 and an overdraft of 0, 0\.0123 of it reserved/, /Call \S+ (is|was) of 4101 to 441/], remedy: /tandem accounts pay two-cents/ },
  { name: 'an account whose lines are in use', ask: { ...as('4102'), to: '441' }, beside: [{ ...as('4102'), to: '441' }], says: [/account one-line-account has a line limit of 1 and all of these lines are in use \(by \S+\)/, /Call \S+ (is|was) of 4102 to 441, (since|from) 20\d\d-/], remedy: /Raise lineLimit of account one-line-account/ },
  { name: 'a phone whose lines are in use', ask: { ...as('4103'), to: '441' }, beside: [{ ...as('4103'), to: '441' }], says: [/phone 4103 has a line limit of 1/, /Call \S+ (is|was) of 4103/], remedy: /Raise lineLimit of phone 4103/ },
  { name: 'a trunk whose lines are in use', ask: trunk('127.0.0.12'), beside: [trunk('127.0.0.12')], says: [/mapping gateway full-trunk has a line limit of 1/, /Call \S+ (is|was) of full-trunk/], remedy: /tandem lines/ },
  { name: 'an account that calls too fast', ask: { ...as('4104'), to: '441' }, atOnce: 6, says: [/account slow may begin 1 calls a second \(callsPerSecond\)/], remedy: /Raise callsPerSecond of account slow/ },
  { name: 'a trunk that calls too fast', ask: trunk('127.0.0.13'), atOnce: 6, says: [/mapping gateway cps-trunk may begin 1 calls a second/], remedy: /Raise callsPerSecond of mapping gateway cps-trunk/ },
  { name: 'a price that is too high', ask: { ...as('4105'), to: '441' }, says: [/the price of 0\.0123 USD a minute is more than account thrifty may pay, 0\.001/], remedy: /highestPricePerMinute of account thrifty/ },
  { name: 'a rate group that is empty', ask: { ...as('4106'), to: '441' }, says: [/rate group empty has no rate for 441/, /There are no prefixes at all in rate group empty/], remedy: /Add a rate to rate group empty/ },
  { name: 'the nearest rates', ask: { ...as('1001'), to: '457' }, says: [/no rate for 457/, /that come nearest to 457 are 44, 46, 47, 48, 49/], remedy: /Add a rate/ },
  { name: 'a rate that begins later', ask: { ...as('1001'), to: '901' }, says: [/no rate for 901/, /has a rate for prefix 90, in effect from 2099-01-01T00:00:00Z/], remedy: /Add a rate/ },
  { name: 'a rate that has ended', ask: { ...as('1001'), to: '911' }, says: [/no rate for 911/, /has a rate for prefix 91, in effect until 2020-01-01T00:00:00Z/], remedy: /Add a rate/ },
  { name: 'less money than the call costs at least', ask: { ...as('4107'), to: '441' }, says: [/account one-cent has 0\.01 and an overdraft of 0, and the call costs at least 0\.0123/], remedy: /tandem accounts pay one-cent/ },
  { name: 'a type that the account may not call', ask: { ...as('4108'), to: '46030' }, says: [/account few-types may make calls of type uk alone/], remedy: /callTypes|account few-types/ },
  { name: 'a type that the trunk may not call', ask: { ...trunk('127.0.0.17'), to: '46030' }, says: [/mapping gateway typed-trunk may make calls of type uk alone/], remedy: /typed-trunk/ },
  { name: 'a callee on a denied list', ask: { ...as('4128'), to: '449001' }, once: { from: '4128', to: '449001', reason: 'NumberBarred' }, says: [/callee 449001 is in list premium \(4490\), which is among denyCallees of phone 4128/], remedy: /`tandem lists remove premium 4490`/ },
  { name: 'a callee in no allowed list', ask: { ...as('4129'), to: '449002' }, says: [/callee 449002 is in none of the lists friends, which are allowCallees of phone 4129/], remedy: /`tandem lists add friends 449002`/ },
  { name: 'a rule that leaves nothing of the number', ask: { ...as('4130'), to: '441' }, says: [/rule 1 of eats/, /441/], remedy: /Correct the rule/ },
]; // prettier-ignore
