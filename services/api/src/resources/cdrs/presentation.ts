import type { Cdr, CdrCorrection, CdrLevel } from '@tandem/proto/billing';
import { CallEvent, Leg, Termination } from '@tandem/proto/events';
import { presentAttempt, presentDecision, presentOrigin } from '../call-parts/presentation.ts';
import { presentTime } from '../times.ts';
import type { LegMedia, MediaFigures } from '@tandem/proto/media';
import type { CdrView } from './schemas.ts';

/** A CDR without an event would have no times and no parties; it keeps its form all the same. */
const NO_EVENT = CallEvent.create();

export function presentCdr(cdr: Cdr): CdrView {
  const event = cdr.event ?? NO_EVENT;
  const { reason, code, by, text } = event.termination ?? Termination.create();
  return {
    callId: cdr.callId,
    ...presentTimes(event),
    ...presentMoney(cdr),
    reason,
    code,
    endedBy: by,
    text,
    ...presentParties(event),
    media: presentMedia(event.media),
    attempts: event.attempts.map(presentAttempt),
    decisions: event.decisions.map(presentDecision),
    signature: presentSignature(event),
    // W3C traceparent: version-traceid-spanid-flags.
    traceId: event.traceParent.split('-')[1] ?? '',
    edge: event.edge,
    storedAt: presentTime(cdr.storedAtMs),
  };
}

function presentTimes(
  event: CallEvent,
): Pick<CdrView, 'startedAt' | 'ringingAt' | 'answeredAt' | 'endedAt'> {
  return {
    startedAt: presentTime(event.startedMs),
    ringingAt: presentTime(event.ringingMs),
    answeredAt: presentTime(event.answeredMs),
    endedAt: presentTime(event.endedMs),
  };
}

function presentMoney({
  durationMs,
  billedSeconds,
  price,
  currency,
  cost,
  costCurrency,
  priceExplanation,
  corrections,
  currentCost,
  currentPrice,
  levels,
  rateGroup,
  rateSheetVersion,
  configurationVersion,
}: Cdr): Pick<
  CdrView,
  | 'durationMs'
  | 'billedSeconds'
  | 'price'
  | 'currency'
  | 'cost'
  | 'costCurrency'
  | 'priceExplanation'
  | 'currentPrice'
  | 'currentCost'
  | 'corrections'
  | 'levels'
  | 'ratedBy'
> {
  return {
    durationMs,
    billedSeconds,
    price: price === '' ? '0' : price,
    currency,
    cost: cost === '' ? '0' : cost,
    costCurrency,
    priceExplanation,
    // A billing of the version before tells none.
    currentPrice: firstOf(currentPrice, price),
    currentCost: firstOf(currentCost, cost),
    corrections: corrections.map(presentCorrection),
    levels: levels.map(presentLevel),
    ratedBy:
      rateGroup === ''
        ? null
        : {
            rateGroup,
            sheetVersion: rateSheetVersion === 0 ? null : rateSheetVersion,
            configurationVersion,
          },
  };
}

function firstOf(...amounts: readonly string[]): string {
  return amounts.find((amount) => amount !== '') ?? '0';
}

function presentCorrection({
  appliedAtMs,
  side,
  ...correction
}: CdrCorrection): CdrView['corrections'][number] {
  // prettier-ignore
  return { ...correction, side: side as CdrView['corrections'][number]['side'], appliedAt: presentTime(appliedAtMs) }; // prettier-ignore
}

function presentLevel(level: CdrLevel): CdrView['levels'][number] {
  // A billing of the version before tells none.
  const currentPrice = firstOf(level.currentPrice, level.price);
  return { ...level, currentPrice, currentMargin: firstOf(level.currentMargin, level.margin) };
}

function presentParties(
  event: CallEvent,
): Pick<CdrView, 'caller' | 'callee' | 'account' | 'gateway' | 'origin' | 'a' | 'b'> {
  const { caller, callee } = event.a ?? Leg.create();
  return {
    caller,
    callee,
    account: event.origin?.account ?? '',
    gateway: event.attempts.at(-1)?.gateway ?? '',
    origin: presentOrigin(event.origin),
    a: presentLeg(event.a),
    b: presentLeg(event.b),
  };
}

function presentLeg(leg: Leg | undefined): CdrView['a'] {
  if (leg === undefined) return null;
  const { sipCallId, peerAddress, transport, caller, callee, userAgent, codecs } = leg;
  const { from, asserted } = leg;
  return {
    sipCallId,
    peerAddress,
    transport,
    caller,
    callee,
    userAgent,
    codecs,
    from,
    asserted,
  };
}

function presentSignature({ verification }: CallEvent): CdrView['signature'] {
  if (verification === undefined) return null;
  const { verdict, attestation, origid } = verification;
  return { verdict, attestation, origid };
}

function presentMedia(media: MediaFigures | undefined): CdrView['media'] {
  if (media === undefined) return null;
  const { relay, a, b } = media;
  return { relay, a: presentLegMedia(a), b: presentLegMedia(b) };
}

function presentLegMedia(leg: LegMedia | undefined): NonNullable<CdrView['media']>['a'] {
  if (leg === undefined) return null;
  const { mosTenths, lowestMosTenths, ...counted } = leg;
  return { ...counted, mos: scoreOf(mosTenths), lowestMos: scoreOf(lowestMosTenths) };
}

/** A score is 1 at least. */
function scoreOf(tenths: number): number | null {
  return tenths === 0 ? null : tenths / 10;
}
