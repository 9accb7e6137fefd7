import { z } from 'zod';
import { configurationSchemas } from '../configuration/schemas.ts';
import { time } from '../times.ts';

const replay = z.object({
  id: z.string(),
  state: z
    .enum(['awaiting-calls', 'waiting', 'running', 'done', 'failed'])
    .describe('awaiting-calls: PUT its calls.'),
  error: z.string().describe('Why it failed, or what it waits for while it runs; empty otherwise.'),
  note: z.string(),
  createdAt: time,
  createdBy: z.string(),
  version: z.int().describe('The configuration that the draft is held against.'),
  draftVersion: z.int().nullable().describe('null: the draft was a document.'),
  rates: z
    .array(z.object({ group: z.string(), id: z.string() }))
    .describe('Imports of rates, not applied yet, that the draft has.'),
  limits: z.enum(['keep', 'ignore']),
  from: time.describe('Of CDRs; null: the calls are those of a file.'),
  until: time,
  startedAt: time,
  finishedAt: time,
  calls: z.int().describe('That have been played.'),
  playedUntil: time.describe('When the last of them began.'),
  share: z.number().min(0).max(1).describe('Of the period, or of the file, that is done.'),
});

const money = z.array(z.object({ currency: z.string(), amount: z.string() }));

const figures = z.object({
  calls: z.int(),
  answered: z.int(),
  failed: z.int().describe('At a gateway.'),
  refused: z.int().describe('By the switch.'),
  open: z
    .int()
    .describe(
      'Sent to a gateway, and nobody knows what would come of it: then the switch refused.',
    ),
  seconds: z.int().describe('Of talk.'),
  revenue: money.describe('What the switch earns: of calls under a reseller, what the topmost account pays.'), // prettier-ignore
  cost: money,
  margin: money,
});

const reasons = z.array(z.object({ reason: z.string(), calls: z.int() }));
const side = figures.extend({ reasons: reasons.describe('Of calls that were not answered.') });
const ofGateway = figures.extend({
  attempts: z.int().describe('Calls that it was given, those that failed and went on included.'),
});

const compared = {
  more: z
    .object({ calls: z.int(), answered: z.int(), margin: money })
    .describe('What the draft brings more than the configuration; less is below 0.'),
};

const gatewayRow = z.object({
  gateway: z.string(),
  then: ofGateway,
  now: ofGateway,
  draft: ofGateway,
  ...compared,
});

const accountRow = z.object({
  account: z.string(),
  then: figures,
  now: figures,
  draft: figures,
  ...compared,
});

const lineUse = z.object({
  lines: z.int().describe('At the same time, at most.'),
  linesAt: time,
  lineLimit: z.int().describe('0 = none.'),
  perSecond: z.int().describe('Calls within a second, at most.'),
  perSecondAt: time,
  perSecondLimit: z.int().describe('0 = none.'),
  full: z.int().describe('Calls for which it had nothing free.'),
});

const linesRow = z.object({
  subject: z.string().describe('"account demo", "routing-gateway carrier-a"; "switch": all calls.'),
  now: lineUse,
  draft: lineUse,
});

const move = z.object({
  from: z.string().describe('The gateway by the configuration, or "refused: REASON".'),
  to: z.string().describe('By the draft.'),
  calls: z.int(),
  margin: money.describe('What the draft earns more with them.'),
});

const result = z.object({
  unread: z.int().describe('CDRs that could not be read.'),
  then: side.describe('As the calls were.'),
  now: side.describe('By the configuration.'),
  draft: side.describe('By the draft.'),
  more: compared.more,
  gateways: z.array(gatewayRow).describe('Who wins and loses most first; the first 1000.'),
  accounts: z.array(accountRow).describe('Likewise.'),
  lines: z.array(linesRow).describe('Who needs most by the draft first; the first 1000.'),
  moves: z.array(move).describe('Calls that go elsewhere, the most frequent first; the first 100.'),
});

const replayDetail = replay.extend({
  changes: z.array(configurationSchemas.Change).describe('What the draft changes; the first 1000.'),
  result: result.nullable().describe('While it runs, that of the calls that were played.'),
});

/** The named shapes of this resource. */
export const replaySchemas = {
  Replay: replay,
  ReplayList: z.object({ replays: z.array(replay) }),
  ReplayDetail: replayDetail,
  ReplayRemoved: z.object({ removed: z.boolean() }),
};

export type ReplayView = z.output<typeof replay>;
export type ReplayDetailView = z.output<typeof replayDetail>;
export type ReplayResultView = z.output<typeof result>;
export type MoneyView = z.output<typeof money>;
