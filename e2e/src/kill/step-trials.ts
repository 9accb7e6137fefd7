import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import type { KillBench } from './kill-bench.ts';

/** One way of dying, and the line of the table of edge.md §5 that says what comes of it. */
export interface StepTrial {
  /** As the table has it. */
  readonly line: string;
  readonly step: string;
  /** Armed as well. */
  readonly then?: string;
  /** The shape in which it can be tried. @default any */
  readonly layout?: ClusterLayout;
  /** Holds up what would be too quick to die in. */
  readonly hinder?: (bench: KillBench) => void;
}

const SLOW_MS = 500;

/** The steps that can be tried in a shape. */
export function stepTrialsIn(layout: ClusterLayout): readonly StepTrial[] {
  return stepTrials.filter((trial) => (trial.layout ?? layout) === layout);
}

/** Every named step, by the line of the table that it belongs to. */
const stepTrials: readonly StepTrial[] = [
  ...steps('before the claim, in auth', ['after-authenticate']),
  ...steps('after the claim, in routing', ['after-claim', 'after-route']),
  // A claim and a route are asked for ahead where auth and routing share the connection to Redis.
  { line: 'after the claim, in routing', step: 'after-asked-ahead', layout: 'pod' },
  {
    line: 'after the claim, in routing',
    step: 'after-stub',
    // A stub is written where routing takes more than 200 ms (edge.md §4), which in the edge's own process holds the edge up too.
    layout: 'split',
    hinder: ({ cluster: { cluster } }) => {
      cluster.kill('routing', 'SIGSTOP');
      setTimeout(() => {
        cluster.kill('routing', 'SIGCONT');
      }, SLOW_MS);
    },
  },
  ...steps('after the write-ahead, INVITE sent or not', [
    'after-write-ahead',
    'after-trying',
    'after-invite',
  ]),
  ...steps('ringing', ['after-provisional']),
  { line: 'ringing', step: 'after-write-ahead', then: 'after-adopt' },
  ...steps('between two attempts', ['after-switch']),
  ...steps('answered, not yet relayed or published', [
    'before-answer',
    'after-answer',
    'after-answer-relay',
    'after-answer-publish',
  ]),
  ...steps('BYE before `end`, after `end`, after the relay', [
    'before-end',
    'after-end',
    'after-end-relay',
    'after-end-publish',
    'after-settle',
  ]),
  ...steps('CANCEL or re-INVITE in flight', [
    'before-cancel',
    'after-cancel',
    'before-request-relay',
    'after-request-relay',
    'before-response-relay',
    'after-response-relay',
  ]),
];

function steps(line: string, names: readonly string[]): readonly StepTrial[] {
  return names.map((step) => ({ line, step }));
}
