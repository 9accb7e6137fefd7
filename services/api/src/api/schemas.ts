import { configurationSchema } from '@tandem/config';
import { z } from 'zod';

const time = z.string().nullable().describe('UTC, ISO 8601; null where it did not happen.');
const amount = z.string().describe('Exact decimal.');

const origin = z
  .object({ kind: z.string(), name: z.string(), account: z.string() })
  .nullable()
  .describe('Who the call is from; null where that was not found out.');

const attempt = z.object({
  gateway: z.string(),
  account: z.string(),
  address: z.string(),
  startedAt: time,
  endedAt: time,
  code: z.int(),
  reason: z.string().describe('Termination reason; empty where it was answered.'),
  text: z.string(),
});

const decision = z.object({
  service: z.string(),
  check: z.string(),
  result: z.string(),
  subject: z.string(),
  reason: z.string(),
  facts: z.record(z.string(), z.string()),
  at: time,
});

const leg = z
  .object({
    sipCallId: z.string(),
    peerAddress: z.string(),
    transport: z.string(),
    caller: z.string(),
    callee: z.string(),
    userAgent: z.string(),
    codecs: z.array(z.string()),
  })
  .nullable();

const cdr = z.object({
  callId: z.string(),
  startedAt: time,
  ringingAt: time,
  answeredAt: time,
  endedAt: time,
  billedSeconds: z.int(),
  price: amount,
  currency: z.string(),
  cost: amount,
  costCurrency: z.string(),
  priceExplanation: z.string(),
  reason: z.string().describe('Termination reason.'),
  code: z.int().describe('What the caller got; 200 for an answered call.'),
  endedBy: z.string(),
  text: z.string(),
  caller: z.string(),
  callee: z.string(),
  account: z.string(),
  gateway: z.string().describe('Of the last attempt.'),
  origin,
  a: leg,
  b: leg,
  attempts: z.array(attempt),
  decisions: z.array(decision),
  traceId: z.string(),
  edge: z.string(),
  storedAt: time,
});

const call = z.object({
  callId: z.string(),
  state: z.string(),
  startedAt: time,
  answeredAt: time,
  caller: z.string(),
  callee: z.string(),
  account: z.string(),
  gateway: z.string(),
  edge: z.string(),
  origin,
  attempts: z.array(attempt),
  decisions: z.array(decision),
});

const account = z.object({
  name: z.string(),
  type: z.string(),
  status: z.string(),
  balance: amount.nullable().describe('Sum of the ledger; null before its first entry.'),
  overdraft: amount,
  currency: z.string(),
  rateGroup: z.string().nullable(),
  validUntil: z.string().nullable(),
  lineLimit: z.int(),
  ledgerEntries: z.int(),
});

const suspension = z.object({
  terminal: z.string().describe('"phone 1001" or "mapping-gateway demo-trunk".'),
  since: time,
  until: time,
  failures: z.int(),
  cause: z.string(),
  lastSource: z.string(),
});

const line = z.object({
  subject: z.string().describe('"account demo", "routing-gateway carrier-a".'),
  limit: z.int().describe('0 = none.'),
  inUse: z.int(),
  holders: z.array(z.object({ callId: z.string(), since: time, leaseUntil: time })),
});

const step = z.object({
  text: z.string().describe('The decision in words.'),
  decision,
});

const explanation = z.object({
  callId: z.string(),
  summary: z.string().describe('One sentence that names the value that decided.'),
  outcome: z.enum(['in-progress', 'answered', 'refused', 'failed', 'cancelled']),
  reason: z.string(),
  code: z.int(),
  change: z.string().nullable().describe('What would change the outcome; null where nothing need.'),
  price: z.string().nullable().describe('How the price was computed.'),
  steps: z.array(step).describe('Every decision in order.'),
  attempts: z.array(z.object({ text: z.string(), attempt })),
  others: z.array(z.string()).describe('Other calls that had this SIP Call-ID.'),
});

const routeCandidate = z.object({
  gateway: z.string(),
  group: z.string().nullable(),
  account: z.string().nullable(),
  addresses: z.array(z.string()),
  caller: z.string(),
  callee: z.string(),
  isChosen: z.boolean().describe('Would be tried first.'),
});

const routeAnalysis = z.object({
  summary: z.string(),
  outcome: z.enum(['routed', 'refused']),
  reason: z.string(),
  code: z.int(),
  change: z.string().nullable(),
  candidates: z.array(routeCandidate),
  steps: z.array(step),
  price: z.string().nullable(),
  configurationVersion: z.int(),
});

const mistake = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional(),
});

const change = z.object({
  subject: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  fields: z.array(z.string()),
});

const applied = z.object({
  version: z.int().describe('In effect now; with dryRun, that would be in effect.'),
  isChanged: z.boolean(),
  isDryRun: z.boolean(),
  changeCount: z.int(),
  changes: z.array(change).describe('The first 1000.'),
});

const version = z.object({
  version: z.int(),
  appliedAt: time,
  appliedBy: z.string(),
  note: z.string(),
});

const payment = z.object({
  account,
  isBooked: z.boolean().describe('False: this reference was booked before.'),
});

const paymentRequest = z.strictObject({
  amount: z.string().describe('Decimal text; negative takes money off.'),
  reference: z.string().min(1).max(128).describe('The same reference books once.'),
  note: z.string().max(1000).default(''),
});

const role = z.string().describe('front, worker or both.');

const networkFinding = z.object({
  transport: z.string(),
  target: z.string().describe('The advertised address that was probed.'),
  source: z
    .string()
    .describe("Whether clients' addresses can be seen: preserved, hidden or undecided."),
  leadsHere: z
    .string()
    .describe('Whether the address leads here and answers leave from it: yes, no or undecided.'),
  sentFrom: z.string().describe('Where the probe was sent from; empty where that is unknown.'),
  seenFrom: z.string().describe('What source it was seen to have.'),
  answeredFrom: z.string(),
  answeredBy: z.string().describe('The pod that answered.'),
  text: z.string().describe('What it means.'),
  at: time,
});

const pod = z.object({
  name: z.string(),
  slot: z.int(),
  epoch: z.int(),
  role,
  address: z
    .string()
    .describe('Where it takes datagrams of other pods; empty where it takes none.'),
  advertised: z.string().describe('Where peers reach it, as host:port.'),
  isDraining: z.boolean(),
  startedAt: time,
  pendingCalls: z
    .int()
    .describe('Calls without a final answer; an answered one belongs to no pod.'),
  calls: z.int().describe('Calls begun. Like all that follow: since this pod began.'),
  answers: z.int(),
  adoptions: z.int().describe('Calls taken over from pods that died or drained.'),
  handedMessages: z.int().describe('Messages given to the pod that has their call.'),
  handedCalls: z.int().describe('Calls given away while draining.'),
  dropped: z.int().describe('Messages dropped or refused as malformed.'),
  connections: z.int().describe('Open TCP connections of peers, now.'),
  lostSlots: z.int().describe('Times that its lease ran out while it lived.'),
  source: z
    .string()
    .describe('What its network test found: untested, preserved, hidden or undecided.'),
});

const networkTest = z.object({
  edge: z.string().describe('Name of the pod that tested.'),
  findings: z.array(networkFinding),
});

const status = z.object({
  edge: z.string().describe('Name of the pod that answered.'),
  slot: z.int(),
  epoch: z.int(),
  role,
  isDraining: z.boolean(),
  advertised: z.string().describe('Where peers reach it, as host:port.'),
  pendingCalls: z.int().describe('Calls of this pod that have no final answer yet.'),
  calls: z.int().describe('Calls in progress on all pods.'),
  outbox: z.int().describe('Call events that are not yet known to be in the log, of all pods.'),
  outboxSince: time.describe('When the oldest of them was stored; null where none waits.'),
  received: z.int().describe('Messages. Like all that follow: of this pod, since it began.'),
  sent: z.int(),
  malformed: z.int().describe('Messages with a mistake in them.'),
  garbage: z.int().describe('Datagrams that were no SIP.'),
  dropped: z.int().describe('Messages dropped or refused as malformed.'),
  connections: z.int().describe('Open TCP connections of peers, now.'),
  adoptions: z.int().describe('Calls taken over from pods that died or drained.'),
  lostCalls: z.int().describe('Calls that another pod took over while this one was paused.'),
  handedMessages: z.int().describe('Messages given to the pod that has their call.'),
  handedCalls: z.int().describe('Calls given away while draining.'),
  drains: z.int(),
  lostSlots: z.int().describe('Times that its lease ran out while it lived.'),
  leasesFreed: z.int().describe('Leases of lines without a call, freed.'),
  unstoredEvents: z.int().describe('Events that went to the log without the store.'),
  network: z.array(networkFinding).describe('What the last test of the network found.'),
});

const reconciliation = z.object({
  day: z.string().describe('UTC, such as 2026-11-21.'),
  doneAt: time,
  cdrs: z.int().describe('Of calls that began on the day.'),
  answered: z.int(),
  ledgerEntries: z.int(),
  provisional: z.int().describe('CDRs of any day whose calls have not told their own ends.'),
  open: z.int().describe('Answered calls without an end.'),
  partialEnds: z.int().describe('Ends that wait for the facts of their calls.'),
  deadEvents: z.int().describe('Events that were put aside.'),
  isLogRead: z.boolean().describe('Whether the log of events was compared as well.'),
  differences: z.array(
    z.object({
      kind: z.string().describe('charge, entry without CDR, balance, event without CDR'),
      subject: z.string().describe('The call, entry or account.'),
      expected: z.string(),
      found: z.string(),
    }),
  ),
});

/** RFC 9457. */
const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  mistakes: z.array(mistake).optional(),
});

/** Every named shape of the API. */
export const schemas = {
  Account: account,
  Applied: applied,
  Attempt: attempt,
  Call: call,
  Cdr: cdr,
  Change: change,
  Configuration: configurationSchema,
  Decision: decision,
  Explanation: explanation,
  Line: line,
  NetworkFinding: networkFinding,
  NetworkTest: networkTest,
  Mistake: mistake,
  Payment: payment,
  PaymentRequest: paymentRequest,
  Pod: pod,
  Problem: problem,
  Reconciliation: reconciliation,
  RouteAnalysis: routeAnalysis,
  Status: status,
  Step: step,
  Suspension: suspension,
  Version: version,
  AccountList: z.object({ accounts: z.array(account) }),
  CallList: z.object({ calls: z.array(call), total: z.int() }),
  CdrList: z.object({ cdrs: z.array(cdr), nextCursor: z.string().nullable() }),
  LineList: z.object({ lines: z.array(line) }),
  PodList: z.object({ pods: z.array(pod) }),
  ReconciliationList: z.object({ reconciliations: z.array(reconciliation) }),
  SuspensionList: z.object({ suspensions: z.array(suspension) }),
  VersionDocument: version.extend({ configuration: configurationSchema }),
  VersionList: z.object({ versions: z.array(version) }),
};

type Schemas = typeof schemas;
type Output<Name extends keyof Schemas> = z.output<Schemas[Name]>;

export type AccountView = Output<'Account'>;
export type AttemptView = Output<'Attempt'>;
export type CallView = Output<'Call'>;
export type CdrView = Output<'Cdr'>;
export type DecisionView = Output<'Decision'>;
export type ExplanationView = Output<'Explanation'>;
export type LineView = Output<'Line'>;
export type NetworkFindingView = Output<'NetworkFinding'>;
export type PodView = Output<'Pod'>;
export type ReconciliationView = Output<'Reconciliation'>;
export type StatusView = Output<'Status'>;
export type RouteAnalysisView = Output<'RouteAnalysis'>;
export type StepView = Output<'Step'>;
export type SuspensionView = Output<'Suspension'>;

/** The shapes as JSON Schemas that refer to each other by name, for the server and for OpenAPI. */
export function jsonSchemas(): Record<string, unknown>[] {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
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
