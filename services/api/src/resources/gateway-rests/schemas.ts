import { z } from 'zod';
import { time } from '../times.ts';

const gatewayRest = z.object({
  gateway: z.string(),
  until: time,
  seconds: z.int().describe('What its carrier asked for, SS_GATEWAY_RETRY_AFTER_LIMIT at most.'),
  callId: z.string().describe('The call that it answered with 503.'),
});

/** The named shapes of this resource. */
export const gatewayRestSchemas = {
  GatewayRest: gatewayRest,
  GatewayRestList: z.object({ rests: z.array(gatewayRest) }),
};

export type GatewayRestView = z.output<typeof gatewayRest>;
