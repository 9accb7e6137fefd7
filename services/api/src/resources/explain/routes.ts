import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { explain, type ExplainSubject } from '../../core/explain.ts';
import type { ServicePorts } from '../../ports.ts';
import { callParams, noSuchCall, type CallParams } from '../call-parts/call-id.ts';
import { presentExplanation } from './presentation.ts';
import { explainRegistrationRoute } from './registration-route.ts';

/** Why a call went as it did, and a registration. */
export function explainRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { ports } = parts;
  explainRegistrationRoute(app, parts);
  app.get<{ Params: CallParams }>(
    '/explain/:callId',
    {
      schema: routeSchema({
        id: 'explainCall',
        tag: 'calls',
        summary: 'Why a call went as it did, in words, and what would change it',
        params: callParams,
        answer: 'Explanation',
        errors: [404],
      }),
    },
    async ({ params: { callId } }) => {
      const found = await findCall(ports, callId);
      if (found === undefined) throw noSuchCall(callId);
      return presentExplanation(explain(found.subject), found.others);
    },
  );
}

interface Found {
  readonly subject: ExplainSubject;
  readonly others: readonly string[];
}

/** The CDR says more than the record of a call that has just ended, so it goes first. */
async function findCall(ports: ServicePorts, callId: string): Promise<Found | undefined> {
  const [stored, live] = await Promise.allSettled([
    ports.billing.getCdr({ callId }),
    ports.edge.getCall({ callId }),
  ]);
  const cdrs = stored.status === 'fulfilled' ? stored.value.cdrs : [];
  const call = live.status === 'fulfilled' ? live.value.call : undefined;
  const [newest, ...older] = cdrs;
  const others = older.map((cdr) => cdr.callId);
  if (newest !== undefined && newest.callId !== call?.callId && call === undefined) {
    return { subject: { kind: 'cdr', cdr: newest }, others };
  }
  if (newest !== undefined && newest.callId === call?.callId) {
    return { subject: { kind: 'cdr', cdr: newest }, others };
  }
  if (call !== undefined) {
    return { subject: { kind: 'call', call }, others: cdrs.map((cdr) => cdr.callId) };
  }
  // One of the two could not be asked: "not found" would be a lie.
  if (stored.status === 'rejected') throw stored.reason as Error;
  if (live.status === 'rejected') throw live.reason as Error;
  return undefined;
}
