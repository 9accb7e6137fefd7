import type { TestAddressesResponse } from '@tandem/proto/edge';
import type {
  AddressState,
  GatewayState,
  ListCheckTargetsResponse,
  Quality,
  Throttled,
} from '@tandem/proto/health';
import { addressFinding, nameText, nothingToAsk } from '../../core/gateway-test-words.ts';
import type { AddressFinding } from '../../core/gateway-test-words.ts';
import { presentTime } from '../times.ts';
import type { GatewayTestView, GatewayView } from './schemas.ts';

export function presentGateway(gateway: GatewayState): GatewayView {
  const { addresses, checkedMs, edge, group, isLocked, name, state, uncheckedBecause } = gateway;
  const { checkPeriodSeconds, failuresAllowed, window } = gateway;
  const isChecked = checkPeriodSeconds > 0;
  return {
    name,
    group,
    isLocked,
    state,
    uncheckedBecause:
      state === 'unchecked' && isChecked ? 'its first check is to come' : uncheckedBecause,
    since: presentTime(sinceOf(gateway)),
    checkPeriodSeconds: isChecked ? checkPeriodSeconds : null,
    failures: isChecked ? failuresAllowed : null,
    window: isChecked ? window : null,
    checkedAt: presentTime(checkedMs),
    edge,
    throttled: presentThrottled(gateway.throttled),
    quality: presentQuality(gateway.quality),
    prefixes: gateway.prefixes.map(({ prefix, quality }) => ({
      prefix,
      quality: presentQuality(quality),
    })),
    addresses: addresses.map(presentAddress),
  };
}

function presentThrottled(throttled: Throttled | undefined): GatewayView['throttled'] {
  if (throttled === undefined) return null;
  const { attempts, failed, share, sinceMs } = throttled;
  return { sharePercent: rounded(share), attempts, failed, since: presentTime(sinceMs) };
}

function presentQuality(quality: Quality | undefined): GatewayView['quality'] {
  if (quality === undefined) return null;
  const { answerSeizureRatio, answered, attempts, averageCallSeconds, postDialSeconds, windowSeconds } = quality; // prettier-ignore
  return {
    windowSeconds,
    attempts,
    answered,
    answerSeizureRatio: rounded(answerSeizureRatio),
    averageCallSeconds: rounded(averageCallSeconds),
    postDialSeconds: rounded(postDialSeconds),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** It is off line since the last of its addresses went, on line since the first came. */
function sinceOf({ addresses, state }: GatewayState): number {
  const those = addresses.filter(({ isOffline }) => isOffline === (state !== 'online'));
  const times = those.map(({ sinceMs }) => sinceMs);
  if (times.length === 0) return 0;
  return state === 'online' ? Math.min(...times) : Math.max(...times);
}

function presentAddress(each: AddressState): GatewayView['addresses'][number] {
  const { address, failed, isOffline, last, lastMs, sinceMs, transport } = each;
  return {
    transport,
    address,
    isOffline,
    since: presentTime(sinceMs),
    lastAnswer:
      last === undefined
        ? null
        : {
            code: last.code,
            text: last.code === 0 ? last.failure : last.reason,
            roundTripMs: last.code === 0 ? null : last.rttMs,
            from: last.source,
            at: presentTime(lastMs),
          },
    lastChecks: failed.map((hasFailed) => !hasFailed),
  };
}

export function presentGatewayTest(
  gateway: string,
  targets: ListCheckTargetsResponse,
  { edge, tests }: TestAddressesResponse,
): GatewayTestView {
  const found = tests.map(addressFinding);
  const nothing = nothingToAsk(targets);
  const isGood = nothing === undefined && found.every((each) => each.isGood);
  return {
    gateway,
    edge,
    names: targets.names.map(nameText),
    addresses: found.map(presentFinding),
    isGood,
    text: nothing ?? summary(found),
  };
}

function presentFinding(finding: AddressFinding): GatewayTestView['addresses'][number] {
  const { roundTripMs, ...rest } = finding;
  const { answered, answeredFrom, sent } = rest;
  const lossPercent = sent === 0 ? 0 : Math.round((1000 * (sent - answered)) / sent) / 10;
  return {
    ...rest,
    roundTripMs: roundTripMs ?? null,
    answeredFrom: [...answeredFrom],
    lossPercent,
  };
}

function summary(found: readonly AddressFinding[]): string {
  const good = found.filter(({ isGood }) => isGood).length;
  if (good === found.length) return 'every address answers';
  return `${String(good)} of ${String(found.length)} addresses answer as they should`;
}
