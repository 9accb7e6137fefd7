import { leftOut, readable } from './wording.ts';
import type { Wordings } from './wording.ts';

/** Why a routing gateway is left out of a call by a rule of its own, in words: a file for each in services/routing/src/core/rules. */
export const candidateWordings: Wordings<'gateway-not-for-caller'> = {
  'gateway-not-for-caller': (decision) => {
    const { origin, list } = decision.facts;
    return leftOut(
      decision,
      {
        allowedMappingGateways: `${readable(origin)} is not among its allowedMappingGateways`,
        forbiddenMappingGateways: `${readable(origin)} is among its forbiddenMappingGateways`,
        allowedRoutingGateways: `it is not among allowedRoutingGateways of ${readable(origin)}`,
      }[list],
    );
  },
};
