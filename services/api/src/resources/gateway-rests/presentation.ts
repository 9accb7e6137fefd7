import type { GatewayRest } from '@tandem/proto/routing';
import { presentTime } from '../times.ts';
import type { GatewayRestView } from './schemas.ts';

export function presentGatewayRest(rest: GatewayRest): GatewayRestView {
  const { gateway, untilMs, seconds, callId } = rest;
  return { gateway, until: presentTime(untilMs), seconds, callId };
}
