import { z } from 'zod';
import { auditOutcomes } from '../../operator-ports.ts';
import { time } from '../times.ts';

/** What was read then, which a later release may shape otherwise. */
const value = z.record(z.string(), z.unknown()).nullable();

const entry = z.object({
  id: z.string(),
  at: time,
  user: z.string().describe('api: who came with the text in DATA_DIR/api-token.'),
  role: z.string(),
  method: z.string().describe('How the user had signed in.'),
  address: z.string(),
  operation: z.string().describe('Its id in this description.'),
  subject: z.string().describe('What was changed: the path below /api/v1.'),
  status: z.int().describe('HTTP; 0 where its end is not known.'),
  outcome: z
    .enum(auditOutcomes)
    .describe('begun: the pod ended before it could say what came of it.'),
  before: value.describe('Null where there was nothing.'),
  after: value.describe('Null where there is nothing.'),
  note: z.string(),
});

/** The named shapes of this resource. */
export const auditSchemas = {
  AuditEntry: entry,
  AuditList: z.object({ entries: z.array(entry), nextCursor: z.string().nullable() }),
};

export type AuditEntryView = z.output<typeof entry>;
