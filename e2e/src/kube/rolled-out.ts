import { z } from 'zod';

const count = z.number().default(0);

const schema = z.object({
  kind: z.string(),
  metadata: z.object({ generation: count }),
  spec: z.object({ replicas: z.number().default(1) }),
  status: z.object({
    observedGeneration: count,
    replicas: count,
    updatedReplicas: count,
    readyReplicas: count,
    availableReplicas: count,
    desiredNumberScheduled: count,
    updatedNumberScheduled: count,
    numberAvailable: count,
  }),
});

/** Whether all pods of a Deployment, StatefulSet or DaemonSet are there, as they are wanted, and serve; no older one is left. */
export function isRolledOut(object: unknown): boolean {
  const { kind, metadata, spec, status } = schema.parse(object);
  if (status.observedGeneration < metadata.generation) return false;
  const pods =
    kind === 'DaemonSet'
      ? [status.updatedNumberScheduled, status.numberAvailable]
      : [status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas];
  const wanted = kind === 'DaemonSet' ? status.desiredNumberScheduled : spec.replicas;
  return pods.every((number) => number === wanted);
}
