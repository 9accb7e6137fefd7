import type { Cases } from './sentence-case.ts';

/** How it is told why a gateway is left out by a rule of its own. */
export const candidateCases: Cases<'gateway-not-for-caller'> = {
  'gateway-not-for-caller': [
    [
      'Routing gateway a was left out: mapping gateway trunk is not among its allowedMappingGateways.',
      'routing-gateway a',
      { prefix: '44', origin: 'mapping-gateway trunk', list: 'allowedMappingGateways' },
    ],
    [
      'Routing gateway a was left out: mapping gateway trunk is among its forbiddenMappingGateways.',
      'routing-gateway a',
      { origin: 'mapping-gateway trunk', list: 'forbiddenMappingGateways' },
    ],
    [
      'Routing gateway a was left out: it is not among allowedRoutingGateways of mapping gateway trunk.',
      'routing-gateway a',
      { origin: 'mapping-gateway trunk', list: 'allowedRoutingGateways' },
    ],
  ],
};
