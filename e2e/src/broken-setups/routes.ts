import { as, trunk } from './setup.ts';
import type { BrokenSetup } from './setup.ts';

/** Where it goes: gateways that are left out. */
export const routeSetups: readonly BrokenSetup[] = [
  { name: 'no prefix', ask: { ...as('1001'), to: '481' }, says: [/no routing gateway has a prefix that matches 481/], remedy: /Add a prefix/ },
  { name: 'a barred gateway', ask: { ...as('1001'), to: '47010' }, says: [/barred, because it is locked \(lock: bar-all\)/], remedy: /`tandem routing-gateways set barred lock=none`/ },
  { name: 'a vendor that is locked', ask: { ...as('1001'), to: '47020' }, says: [/vendor vendor-locked is locked/], remedy: /status: active for account vendor-locked/ },
  { name: 'a vendor that is expired', ask: { ...as('1001'), to: '47030' }, says: [/vendor vendor-expired is past its validity date, which was 2020-01-01/], remedy: /vendor/ },
  { name: 'a name without an address', ask: { ...as('1001'), to: '47040' }, says: [/nowhere, because no address is known for nowhere\.invalid/], remedy: /Correct the name in addresses of routing gateway nowhere/ },
  { name: 'a phone that is not registered', ask: { ...as('1001'), to: '2008' }, says: [/2008 registers here, but is not registered now/], remedy: /tandem explain registration 2008/ },
  { name: 'a number that is none', ask: { ...as('1001'), to: '44%00' }, says: [/44%00|malformed|control characters/], remedy: /./ },
  { name: 'a prefix mode that ends the search', ask: { ...as('1001'), to: '47101' }, says: [/only-44, because its prefix 4710 is not the longest that matches, 47101 is \(prefixMode expiration\)/, /longer, because it is locked/], remedy: /prefixMode: extension|lock=none/ },
  { name: 'a gateway whose lines are in use', ask: { ...as('1001'), to: '47110' }, beside: [{ ...as('1001'), to: '47110' }], says: [/one-line, because the line limit 1 of routing gateway one-line is reached by/, /Call \S+ (is|was) of 1001 to 47110/], remedy: /Raise lineLimit of routing gateway one-line/ },
  { name: 'a group whose lines are in use', ask: { ...as('1001'), to: '47430' }, beside: [{ ...as('1001'), to: '47430' }], says: [/g-full, because the line limit 1 of .*g-small is reached by/], remedy: /Raise lineLimit of .*g-small/ },
  { name: 'lines that a group keeps for others', ask: { ...as('1001'), to: '47120' }, beside: [{ ...as('1001'), to: '47120' }], says: [/low, because of the 2 lines of .*shared 1 are in use, and it takes none while fewer than 2 are free \(reservedLines\)/], remedy: /Lower reservedLines of routing gateway low/ },
  { name: 'a gateway that is for others', ask: { ...as('1001'), to: '47130' }, says: [/others-only, because phone 1001 is not among its allowedMappingGateways/], remedy: /allowedMappingGateways of routing gateway others-only/ },
  { name: 'a gateway that is forbidden', ask: { ...trunk('127.0.0.2'), to: '47140' }, says: [/not-yours, because mapping gateway demo-trunk is among its forbiddenMappingGateways/], remedy: /Take demo-trunk out of forbiddenMappingGateways/ },
  { name: 'a trunk that may use others alone', ask: { ...trunk('127.0.0.16'), to: '46030' }, says: [/busy, because it is not among allowedRoutingGateways of mapping gateway limited-trunk/], remedy: /Add busy to allowedRoutingGateways of mapping gateway limited-trunk/ },
  { name: 'a vendor without money', ask: { ...as('1001'), to: '47150' }, once: { from: '1001', to: '47150', reason: 'AccountBalanceNotEnough' }, says: [/vendor vendor-poor has -5 left and an overdraft of 0 \(SERVER_VERIFY_CLEARING/], remedy: /`tandem accounts pay vendor-poor AMOUNT --reference R`/ },
  { name: 'a schedule that is shut', ask: { ...as('1001'), to: '47160' }, says: [/night, because its schedule never is not open at \w+ 20\d\d-.* \(Europe\/London, time zones \w+\)/], remedy: /Open schedule never at that time/ },
  { name: 'a gateway that is off line', ask: { ...as('1001'), to: '47170' }, once: { from: '1001', to: '47170', reason: 'AllGatewayBusy' }, says: [/off, because it is off line since 20\d\d-.*, the OPTIONS check of udp 127\.0\.0\.1:\d+ says: no answer/], remedy: /`tandem gateways test off`/ },
  { name: 'a gateway that has asked for time', ask: { ...as('1001'), to: '47180' }, first: [{ ...as('1001'), to: '47180' }], once: { from: '1001', to: '47180', reason: 'AllGatewayBusy' }, says: [/rests, because it answered call \S+ with 503 and wants no calls for 60 s/], remedy: /SS_GATEWAY_RETRY_AFTER_LIMIT/ },
  { name: 'a dynamic gateway that is not registered', ask: { ...as('1001'), to: '47190' }, says: [/dyn, because it has not registered/], remedy: /`tandem explain registration dyn`/ },
  { name: 'a gateway that is given calls too fast', ask: { ...as('1001'), to: '47200' }, atOnce: 6, says: [/slow-cps, because it takes 1 calls a second \(callsPerSecond\)/], remedy: /Raise callsPerSecond of routing gateway slow-cps/ },
  { name: 'a loss', ask: { ...as('1001'), to: '47210' }, says: [/dear, because it costs 5 USD a minute and the customer pays 0\.0123 USD/], remedy: /lowestProfit/ },
  { name: 'a cost that is too high', ask: { ...as('1001'), to: '47220' }, says: [/bounded, because it costs 5 USD a minute, and may cost 0\.001/], remedy: /highestPricePerMinute of routing gateway bounded/ },
  { name: 'a caller whom the gateway bars', ask: { ...as('1001'), to: '47370' }, once: { from: '1001', to: '47370', reason: 'NumberBarred' }, says: [/barred-caller, because caller 1001 is in list bad-callers/], remedy: /`tandem lists remove bad-callers 1001`/ },
  { name: 'a rule of the gateway that leaves nothing', ask: { ...as('1001'), to: '47420' }, says: [/rule-gw, because rule 1 of eats/], remedy: /Correct rule 1 of eats/ },
  { name: 'no number at all', ask: { ...as('1001'), to: '441', requestLine: 'INVITE sip:127.0.0.1 SIP/2.0' }, says: [/there is no number/], remedy: /Correct the called number/ },
]; // prettier-ignore
