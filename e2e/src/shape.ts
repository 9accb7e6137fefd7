import { readEnvironment } from '@tandem/config';
import { z } from 'zod';
import type { ClusterLayout } from './cluster/cluster-plan.ts';

const shape = z.enum(['split', 'pod'], 'write split or pod').optional();

/** The shape that a whole run is to have: `TANDEM_E2E_SHAPE`. */
const wanted = readEnvironment(z.object({ TANDEM_E2E_SHAPE: shape }), process.env).TANDEM_E2E_SHAPE;

/** The shapes of tests that run in each; the wanted one alone where there is one. */
export const layouts: readonly ClusterLayout[] = wanted === undefined ? ['split', 'pod'] : [wanted];

/** The shape of a cluster: the wanted one, else that of the test. */
export function layoutOr(otherwise: ClusterLayout): ClusterLayout {
  return wanted ?? otherwise;
}

/** The shape of a run of several, which take turns. */
export function layoutOfRun(run: number, first: ClusterLayout): ClusterLayout {
  const second = first === 'pod' ? 'split' : 'pod';
  return layoutOr(run % 2 === 1 ? first : second);
}
