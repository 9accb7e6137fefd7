import { dynamicGateways } from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { ListEntriesRequest } from '@tandem/proto/journal';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { explainRegistration } from '../../core/explain-registration.ts';
import type { RegistrationFacts } from '../../core/explain-registration.ts';
import { presentEntry } from '../journal/presentation.ts';
import { journalOf } from '../journal/routes.ts';
import { presentRegistration } from '../registrations/presentation.ts';
import { registrarOf } from '../registrations/routes.ts';

const params = z.object({
  phone: z.string().describe('Username of the phone, or name of the dynamic gateway.'),
});

/** As many tell what happens again and again. */
const ENTRIES = 20;
const BINDINGS = 20;

/** REG-11: why a phone is registered or not. */
export function explainRegistrationRoute(
  app: FastifyInstance,
  { documents, ports }: RouteParts,
): void {
  app.get<{ Params: z.output<typeof params> }>(
    '/explain/registration/:phone',
    {
      schema: routeSchema({
        id: 'explainRegistration',
        tag: 'operation',
        summary:
          'Why a phone or dynamic gateway is registered or not, in words, and what would change it',
        params,
        answer: 'RegistrationExplanation',
      }),
    },
    async ({ params: { phone } }) => {
      const [current, live, journal] = await Promise.all([
        documents.store.current(),
        registrarOf(ports).listRegistrations({
          filter: { phone, source: '', account: '', kind: '', userAgent: '', status: '' },
          sort: 'phone',
          limit: BINDINGS,
          cursor: '',
        }),
        journalOf(ports).listEntries(
          ListEntriesRequest.create({ terminal: phone, limit: ENTRIES }),
        ),
      ]);
      const known = current && whoseIs(phone, current.configuration);
      const nowMs = Date.now();
      // A * at the end of a name would ask for others, too.
      const bindings = live.registrations.filter((each) => each.phone === phone);
      const { entries, ...explained } = explainRegistration({
        phone,
        kind: known?.kind ?? 'phone',
        account: known?.account,
        isLocked: known?.isLocked ?? false,
        bindings,
        entries: journal.entries,
        nowMs,
      });
      return {
        phone,
        account: known?.account ?? '',
        ...explained,
        registrations: bindings.map((each) => presentRegistration(each, nowMs)),
        entries: entries.map(presentEntry),
      };
    },
  );
}

/** A phone, or a dynamic gateway, of this name. */
function whoseIs(name: string, configuration: Configuration): Registering | undefined {
  const phone = configuration.phones.find(({ username }) => username === name);
  if (phone !== undefined) {
    return { kind: 'phone', account: phone.account, isLocked: phone.status === 'locked' };
  }
  const gateway = dynamicGateways(configuration).find((each) => each.name === name);
  return gateway && { kind: 'gateway', account: gateway.account };
}

interface Registering {
  readonly kind: RegistrationFacts['kind'];
  readonly account: string;
  readonly isLocked?: boolean;
}
