import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { chart, type Helm } from './helm.ts';

/** A Kubernetes object, as far as the tests look into it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Spec;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly automountServiceAccountToken?: boolean;
}

/** The parts of the specs of all kinds. */
interface Spec {
  readonly template?: { readonly metadata: KubernetesObject['metadata']; readonly spec: PodSpec };
  readonly selector?: Readonly<Record<string, string>> & {
    readonly matchLabels?: Readonly<Record<string, string>>;
  };
  readonly ports?: readonly ServicePort[];
  readonly [key: string]: unknown;
}

interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort?: string | number;
  readonly protocol?: string;
  readonly nodePort?: number;
}

export interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
  readonly [key: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly ports?: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [key: string]: unknown;
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
}

/** Values by the name of their file: those of ci/, and of the trial. */
export const valueFiles: ReadonlyMap<string, unknown> = new Map(
  [...globSync(join(chart, 'ci/*-values.yaml')).sort(), join(chart, 'values-trial.yaml')].map(
    (file) => [basename(file), parse(readFileSync(file, 'utf8'))],
  ),
);

/** The objects of a rendering. @throws AssertionError where Helm refused the values */
export async function objectsOf(helm: Helm, values: unknown): Promise<readonly KubernetesObject[]> {
  const { manifests, refused } = await helm.render(values);
  assert.equal(refused, undefined);
  return Object.entries(manifests ?? {})
    .filter(([template]) => template.endsWith('.yaml'))
    .flatMap(([template, text]) => readDocuments(template, text));
}

function readDocuments(template: string, text: string): KubernetesObject[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    // A key that stands twice in a map is one of them.
    assert.deepEqual(document.errors, [], template);
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** Deployments and DaemonSets of the switch's own processes: the carrier of a trial is none. */
export function processesOf(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ spec }) =>
    (spec?.template?.spec.containers[0]?.args ?? []).some((each) => each.startsWith('services/')),
  );
}

/** All pods that objects make. */
export function podsOf(
  objects: readonly KubernetesObject[],
): readonly { readonly name: string; readonly spec: PodSpec }[] {
  return objects.flatMap(({ kind, metadata: { name }, spec }) => {
    if (spec?.template !== undefined) return [{ name, spec: spec.template.spec }];
    return kind === 'Pod' ? [{ name, spec: spec as unknown as PodSpec }] : [];
  });
}
