import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import type { RegistrarPort } from '../../ports.ts';
import { presentOutboundRegistration } from './presentation.ts';

const params = z.object({ gateway: z.string().describe('Name of the routing gateway.') });

/** REG-08: registrations of the switch with carriers: list, try again. */
export function outboundRegistrationRoutes(app: FastifyInstance, { ports }: RouteParts): void {
  app.get(
    '/outbound-registrations',
    {
      schema: routeSchema({
        id: 'listOutboundRegistrations',
        tag: 'operation',
        summary: 'Registrations of the switch with carriers, live',
        answer: 'OutboundRegistrationList',
        list: 'outboundRegistrations',
      }),
    },
    async () => {
      const { registrations } = await registrarOf(ports).listOutbound({});
      const nowMs = Date.now();
      return {
        outboundRegistrations: registrations.map((each) =>
          presentOutboundRegistration(each, nowMs),
        ),
      };
    },
  );

  app.post<{ Params: z.output<typeof params> }>(
    '/outbound-registrations/:gateway/retry',
    {
      schema: {
        ...routeSchema({
          id: 'retryOutboundRegistration',
          tag: 'operation',
          summary: 'Register with a carrier at once',
          params,
          answer: 'OutboundRegistration',
          errors: [404],
        }),
        description: 'An edge does so within a second, whatever the registration waits for.',
      },
    },
    async ({ params: { gateway } }) => {
      const { registration } = await registrarOf(ports).retryOutbound({ gateway });
      if (registration === undefined) {
        throw fail(404, 'not-found', `routing gateway "${gateway}" registers with no carrier`);
      }
      return presentOutboundRegistration(registration, Date.now());
    },
  );
}

function registrarOf({ registrar }: RouteParts['ports']): RegistrarPort {
  if (registrar !== undefined) return registrar;
  throw fail(503, 'unavailable', 'there is no registrar: TANDEM_REGISTRAR_ADDRESS is not set');
}
