import { z } from 'zod';
import { accountSchemas } from '../resources/accounts/schemas.ts';
import { alarmSchemas } from '../resources/alarms/schemas.ts';
import { auditSchemas } from '../resources/audit/schemas.ts';
import { authenticationFailureSchemas } from '../resources/authentication-failures/schemas.ts';
import { blacklistSchemas } from '../resources/blacklist/schemas.ts';
import { callPartSchemas } from '../resources/call-parts/schemas.ts';
import { callAnalysisSchemas } from '../resources/call-analysis/schemas.ts';
import { callSchemas } from '../resources/calls/schemas.ts';
import { cdrSchemas } from '../resources/cdrs/schemas.ts';
import { configurationSchemas } from '../resources/configuration/schemas.ts';
import { configurationVersionSchemas } from '../resources/configuration-versions/schemas.ts';
import { entrySchemas } from '../resources/entries/schemas.ts';
import { disputeSchemas } from '../resources/disputes/schemas.ts';
import { reratingSchemas } from '../resources/reratings/schemas.ts';
import { invoiceSchemas } from '../resources/invoices/schemas.ts';
import { explainSchemas } from '../resources/explain/schemas.ts';
import { journalSchemas } from '../resources/journal/schemas.ts';
import { lineSchemas } from '../resources/lines/schemas.ts';
import { messageSchemas } from '../resources/messages/schemas.ts';
import { networkTestSchemas } from '../resources/network-tests/schemas.ts';
import { parameterSchemas } from '../resources/parameters/schemas.ts';
import { paymentSchemas } from '../resources/payments/schemas.ts';
import { numberListSchemas } from '../resources/number-lists/schemas.ts';
import { podSchemas } from '../resources/pods/schemas.ts';
import { rateSchemas } from '../resources/rates/schemas.ts';
import { reconciliationSchemas } from '../resources/reconciliations/schemas.ts';
import { registrationHistorySchemas } from '../resources/registration-history/schemas.ts';
import { outboundRegistrationSchemas } from '../resources/outbound-registrations/schemas.ts';
import { registrationSchemas } from '../resources/registrations/schemas.ts';
import { replaySchemas } from '../resources/replays/schemas.ts';
import { routeSchemas } from '../resources/route/schemas.ts';
import { sessionSchemas } from '../resources/sessions/schemas.ts';
import { signInSchemas } from '../resources/sign-in/schemas.ts';
import { statusSchemas } from '../resources/status/schemas.ts';
import { gatewaySchemas } from '../resources/gateways/schemas.ts';
import { gatewayRestSchemas } from '../resources/gateway-rests/schemas.ts';
import { traceSchemas } from '../resources/traces/schemas.ts';
import { suspensionSchemas } from '../resources/suspensions/schemas.ts';
import { tokenSchemas } from '../resources/tokens/schemas.ts';
import { userSchemas } from '../resources/users/schemas.ts';

const mistake = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional(),
});

/** RFC 9457. */
const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  mistakes: z.array(mistake).optional(),
  removals: z.array(configurationSchemas.Removal).optional(),
  allowRemoval: z.int().optional().describe('What would have to be allowed.'),
});

/** Every named shape of the API. */
export const schemas = {
  ...accountSchemas,
  ...paymentSchemas,
  ...invoiceSchemas,
  ...disputeSchemas,
  ...reratingSchemas,
  ...alarmSchemas,
  ...auditSchemas,
  ...authenticationFailureSchemas,
  ...blacklistSchemas,
  ...callAnalysisSchemas,
  ...callPartSchemas,
  ...callSchemas,
  ...cdrSchemas,
  ...configurationSchemas,
  ...configurationVersionSchemas,
  ...entrySchemas,
  ...explainSchemas,
  ...journalSchemas,
  ...lineSchemas,
  ...messageSchemas,
  ...networkTestSchemas,
  ...parameterSchemas,
  ...numberListSchemas,
  ...podSchemas,
  ...rateSchemas,
  ...reconciliationSchemas,
  ...registrationHistorySchemas,
  ...registrationSchemas,
  ...outboundRegistrationSchemas,
  ...replaySchemas,
  ...routeSchemas,
  ...statusSchemas,
  ...gatewaySchemas,
  ...gatewayRestSchemas,
  ...sessionSchemas,
  ...signInSchemas,
  ...suspensionSchemas,
  ...tokenSchemas,
  ...userSchemas,
  ...traceSchemas,
  Mistake: mistake,
  Problem: problem,
};

let known: readonly Record<string, unknown>[] | undefined;

/** The shapes as JSON Schemas that refer to each other by name, for the server and for OpenAPI. */
export function jsonSchemas(): readonly Record<string, unknown>[] {
  known ??= makeJsonSchemas();
  return known;
}

function makeJsonSchemas(): Record<string, unknown>[] {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    registry.add(schema, { id });
  const made = z.toJSONSchema(registry, {
    uri: (id) => `${id}#`,
    target: 'draft-7',
    // What is sent and received may leave out what has a default.
    io: 'input',
  });
  return Object.entries(made.schemas).map(([id, schema]) => ({
    ...(schema as Record<string, unknown>),
    $schema: undefined,
    id: undefined,
    $id: id,
  }));
}
