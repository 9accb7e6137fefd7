import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { layouts } from '../shape.ts';
import type { KillBench } from './kill-bench.ts';
import {
  anchoredCalls,
  callsByName,
  callsThatLoseTheirRelay,
  challengedCalls,
  forkedCalls,
  specialCalls,
  together,
  type SpecialCalls,
} from './special-calls.ts';
import { isSoak } from './trial-table.ts';

/** One way of dying, and the line of the table of edge.md §5 that says what comes of it. */
export interface StepTrial {
  /** As the table has it. */
  readonly line: string;
  readonly step: string;
  /** Armed as well. */
  readonly then?: string;
  /** The shape in which it can be tried. @default any */
  readonly layout?: ClusterLayout;
  /** What is called. @default calls in every state */
  readonly calls?: SpecialCalls;
  /** Holds up what would be too quick to die in. */
  readonly hinder?: (bench: KillBench) => void;
}

const SLOW_MS = 500;
/** Until calls are up, and for as long as their re-INVITEs take. */
const RELAY_DIES_AFTER_MS = 600;
const RELAY_AWAY_MS = 2000;

/**
 * The steps that are tried in a shape. In the short form the shapes take turns with what is tried with calls in every state, and special
 * calls are in both; in the long form each has all of it, and every kind of special calls at every step. `TANDEM_E2E_STEP`, part of a line
 * of the table, takes those alone, and `TANDEM_E2E_TIMES` tries them so often.
 */
export function stepTrialsIn(layout: ClusterLayout): readonly StepTrial[] {
  const trials = isSoak ? [...stepTrials, ...longTrials()] : stepTrials;
  const ofLayout = trials.filter((trial, at) => {
    if (trial.layout !== undefined) return trial.layout === layout;
    return isSoak || trial.calls !== undefined || layouts[at % layouts.length] === layout;
  });
  const { TANDEM_E2E_STEP: words = '', TANDEM_E2E_TIMES: times = '1' } = process.env;
  const chosen = ofLayout.filter(({ line }) => line.includes(words));
  return Array.from({ length: Number(times) }, () => chosen).flat();
}

/** Numbers of the trials begin with these, in their order. */
export function prefixOf(index: number): string {
  return `44${String(index + 100)}`;
}

/** The name of a trial, for its test. */
export function nameOf({ step, then }: StepTrial): string {
  return then === undefined ? step : `${step}, and another pod ${then}`;
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
  ...specialSteps('media is anchored', anchoredCalls, [
    'after-anchor after-end-relay',
    'before-request-relay-INVITE before-response-relay-INVITE',
  ]),
  {
    line: 'a media relay dies before a re-INVITE, and a BYE is challenged',
    step: 'after-request-relay-INVITE',
    then: 'after-challenge-relay',
    calls: together(callsThatLoseTheirRelay, challengedCalls),
    hinder: (bench) => {
      setTimeout(() => {
        void bench.loseRelay(RELAY_AWAY_MS);
      }, RELAY_DIES_AFTER_MS);
    },
  },
  ...specialSteps('several early dialogs', forkedCalls, ['after-provisional before-answer']),
  ...specialSteps('a BYE is challenged', challengedCalls, [
    'after-request-relay-BYE after-challenge',
  ]),
  ...specialSteps(
    'a gateway has two servers, and a BYE is challenged',
    together(callsByName, challengedCalls),
    ['after-invite-1 before-challenge'],
  ),
  ...specialSteps(
    'a gateway has two servers, and several early dialogs',
    together(callsByName, forkedCalls),
    ['after-invite-2 after-request-relay-PRACK'],
  ),
];

/** Steps that every answered call passes. */
const everyCall = [
  'after-claim',
  'after-route',
  'after-write-ahead',
  'after-trying',
  'after-invite',
  'after-provisional',
  'before-answer',
  'after-answer',
  'after-answer-relay',
  'after-answer-publish',
  'before-end',
  'after-end',
  'after-end-relay',
  'after-end-publish',
  'after-settle',
];

/** A single death at each step that a kind of special calls passes. */
function longTrials(): readonly StepTrial[] {
  const around = (method: string): string[] =>
    ['before-request-relay', 'after-request-relay', 'before-response-relay'].map(
      (step) => `${step}-${method}`,
    );
  const own: Record<keyof typeof specialCalls, readonly string[]> = {
    anchored: [
      'after-anchor',
      'after-switch',
      'before-cancel',
      'after-cancel',
      ...around('INVITE'),
      ...around('BYE'),
    ],
    forked: [...around('PRACK'), ...around('INVITE')],
    challenged: ['before-challenge', 'after-challenge', 'after-challenge-relay', ...around('BYE')],
    'by name': ['after-invite-2', 'before-cancel', 'after-cancel'],
  };
  return Object.entries(specialCalls).flatMap(([kind, calls]) =>
    specialSteps(`${kind}, alone`, calls, [
      ...everyCall,
      ...own[kind as keyof typeof specialCalls],
    ]),
  );
}

function steps(line: string, names: readonly string[]): readonly StepTrial[] {
  return names.map((step) => ({ line, step }));
}

/** @param names of steps; two with a space between are armed together, and kill a pod each */
function specialSteps(
  line: string,
  calls: SpecialCalls,
  names: readonly string[],
): readonly StepTrial[] {
  return names.map((each) => {
    const [step = '', then] = each.split(' ');
    return { line, step, ...(then === undefined ? {} : { then }), calls };
  });
}
