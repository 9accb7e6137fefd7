import type { Call } from '@tandem/proto/edge';
import type { CallEvent } from '@tandem/proto/events';
import type { KeptMessage } from '@tandem/proto/messages';
import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { explain, type ExplainSubject } from '../../core/explain.ts';
import { explainEntries } from '../../core/explain-entries.ts';
import { explainMessages } from '../../core/explain-messages.ts';
import type { ServicePorts } from '../../ports.ts';
import { callParams, noSuchCall, type CallParams } from '../call-parts/call-id.ts';
import { gatherEvidence } from './evidence.ts';
import { findCall } from './find-call.ts';
import { findRoute } from './find-route.ts';
import { presentExplanation } from './presentation.ts';
import { explainRegistrationRoute } from './registration-route.ts';

/** Why a call went as it did, and a registration. */
export function explainRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { ports } = parts;
  explainRegistrationRoute(app, parts);
  findRoute(app, parts);
  app.get<{ Params: CallParams }>(
    '/explain/:callId',
    {
      schema: routeSchema({
        id: 'explainCall',
        tag: 'calls',
        summary: 'Why a call or request went as it did, in words, and what would change it',
        params: callParams,
        answer: 'Explanation',
        errors: [404],
      }),
    },
    async ({ params: { callId } }) => {
      const found = await findCall(ports, callId);
      if (found === undefined) throw noSuchCall(callId);
      const { entries, missing, subject } = found;
      const [last, ...before] = entries;
      if (subject !== undefined) {
        const evidence = await gatherEvidence(parts, { ...whatDecided(subject), entries });
        return presentExplanation(explain(subject), { ...found, evidence });
      }
      if (last !== undefined) {
        const evidence = await gatherEvidence(parts, { decisions: [], entries, atMs: last.lastMs });
        return presentExplanation(explainEntries(callId, [last, ...before]), {
          ...found,
          evidence,
        });
      }
      const messages = await keptMessages(ports, callId);
      return presentExplanation(explainMessages(callId, messages, missing), {
        ...found,
        evidence: [],
      });
    },
  );
}

function whatDecided(
  subject: ExplainSubject,
): Pick<Call, 'decisions'> & { atMs: number; event?: CallEvent | undefined } {
  if (subject.kind === 'call') {
    return { decisions: subject.call.decisions, atMs: subject.call.startedMs };
  }
  const { event } = subject.cdr;
  return { decisions: event?.decisions ?? [], atMs: event?.endedMs ?? 0, event };
}

/** Its messages, where nothing else of it could be asked; none where the journal is away. */
async function keptMessages(
  { journal }: ServicePorts,
  callId: string,
): Promise<readonly KeptMessage[]> {
  const asked = { callIds: [callId], fromMs: 0, untilMs: 0, limit: 0 };
  const kept = await journal?.listMessages(asked).catch(() => undefined);
  return kept?.messages ?? [];
}
