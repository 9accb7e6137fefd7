import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseConfiguration } from '@tandem/config';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { Helm, schemaFolder } from './helm.ts';
import { objectsOf, podsOf, valueFiles, type KubernetesObject } from './objects.ts';

const helm = new Helm();
after(() => helm.close());

const versions = readFileSync(
  join(import.meta.dirname, '../../../deploy/local/chart/kubernetes-versions'),
  'utf8',
)
  .trim()
  .split('\n');

/** Kinds that Kubernetes does not have by itself: schemas of deploy/local/chart/custom-schemas.ts. */
const customSchemas = join(import.meta.dirname, 'schemas');

const rendered = new Map<string, Promise<readonly KubernetesObject[]>>(
  [...valueFiles].map(([file, values]) => [file, objectsOf(helm, values)]),
);

for (const [file, values] of valueFiles) {
  test(`OPS-07 helm lint has nothing against the chart with ${file}`, async () => {
    const messages = await helm.lint(values);
    const serious = messages.filter(({ severity }) => severity > 1);
    assert.deepEqual(serious, []);
  });
}

for (const version of versions) {
  test(`OPS-07 every object is one of Kubernetes ${version}, without a field that it does not know`, async () => {
    const schemas = new KubernetesSchemas(version);
    for (const [file, objects] of rendered) {
      for (const object of await objects) {
        const kind = `${object.apiVersion} ${object.kind}`;
        const mistakes = schemas.mistakesIn(object);
        assert.deepEqual(mistakes, [], `${file}: ${kind} ${object.metadata.name}`);
      }
    }
  });
}

test('OPS-07 the schemas refuse a field that Kubernetes does not know', () => {
  const schemas = new KubernetesSchemas(versions[0] ?? '');
  const spec = { containers: [{ name: 'a', image: 'b', imagePulPolicy: 'Never' }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec };
  const mistakes = schemas.mistakesIn(pod);
  assert.match(String(mistakes[0]), /containers.0 .*imagePulPolicy/);
});

test('OPS-07 the schemas of cert-manager and of the Prometheus operator refuse what these do not know', () => {
  const schemas = new KubernetesSchemas(versions[0] ?? '');
  const metadata = { name: 'a' };
  const issuerRef = { name: 'a', kind: 'Issuer' };
  const certificate = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata };
  const mistakesIn = (spec: object) => schemas.mistakesIn({ ...certificate, spec } as TypedObject);
  assert.deepEqual(mistakesIn({ secretName: 'a', issuerRef, dnsNames: ['a'] }), []);
  assert.match(String(mistakesIn({ secretName: 'a', issuerRef, dnsName: ['a'] })), /dnsName/);
  assert.match(String(mistakesIn({ secretName: 'a' })), /issuerRef/);
  const usages = ['server auth', 'client authentication'];
  assert.match(String(mistakesIn({ secretName: 'a', issuerRef, usages })), /usages.1/);
  const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', metadata };
  const endpoints = [{ port: 'metrics', honourLabels: true }];
  const spec = { selector: {}, endpoints };
  assert.match(String(schemas.mistakesIn({ ...monitor, spec } as TypedObject)), /honourLabels/);
});

for (const [file, objects] of rendered) {
  test(`OPS-07 ${file} has every object once, named for the release`, async () => {
    const names = (await objects).map(({ kind, metadata: { name } }) => `${kind} ${name}`);
    assert.deepEqual(names, [...new Set(names)]);
    for (const name of names) assert.match(name, /^\w+ tandem-[a-z0-9-]+$/);
  });

  test(`OPS-07 no pod of ${file} has rights, a writable root or another user than a plain one`, async () => {
    const accounts = (await objects).filter(({ kind }) => kind === 'ServiceAccount');
    for (const account of accounts) assert.equal(account.automountServiceAccountToken, false);
    const rights = (await objects).filter(({ kind }) => /Role|RoleBinding/.test(kind));
    assert.deepEqual(rights, []);
    for (const { name, spec } of podsOf(await objects)) {
      assert.equal(spec.automountServiceAccountToken, false, name);
      assert.equal(spec.securityContext?.['runAsNonRoot'], true, name);
      assert.ok(Number(spec.securityContext['runAsUser']) > 0, name);
      for (const container of spec.containers) {
        const { securityContext = {} } = container;
        assert.equal(securityContext['allowPrivilegeEscalation'], false, name);
        assert.deepEqual(securityContext['capabilities'], { drop: ['ALL'] }, name);
        // Stores of a trial bring images of their own, which write where they like.
        const isStore = /-(redis|postgres|kafka)$/.test(name);
        assert.equal(securityContext['readOnlyRootFilesystem'] ?? false, !isStore, name);
      }
    }
  });

  test(`OPS-07 every volume of ${file} is mounted, and every mount is a volume`, async () => {
    const claims = (object: KubernetesObject): string[] => {
      const templates = object.spec?.['volumeClaimTemplates'] as KubernetesObject[] | undefined;
      return (templates ?? []).map(({ metadata: { name } }) => name);
    };
    const claimed = (await objects).flatMap(claims);
    for (const { name, spec } of podsOf(await objects)) {
      const volumes = (spec.volumes ?? []).map((volume) => volume.name);
      const mounts = spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
      const mounted = [...new Set(mounts.map((mount) => mount.name))];
      const own = mounted.filter((each) => !claimed.includes(each) || volumes.includes(each));
      assert.deepEqual(own.sort(), volumes.sort(), name);
      const paths = mounts.map(({ mountPath }) => mountPath);
      assert.deepEqual(paths, [...new Set(paths)], name);
    }
  });
}

test('OPS-07 what a trial begins with is a configuration without mistakes, and its carrier is in the cluster', async () => {
  const objects = await rendered.get('values-trial.yaml');
  const secret = objects?.find(({ metadata: { name } }) => name === 'tandem-configuration');
  const text = secret?.stringData?.['configuration.yaml'] ?? '';
  const parsed = parseConfiguration(text, 'yaml');
  assert.equal(parsed.kind, 'valid');
  assert.match(text, /'tandem-carrier\.telephony\.svc\.cluster\.local:5070'/);
});

test('OPS-07 another image or document is another Job, since a Job cannot be changed', async () => {
  const trial = valueFiles.get('values-trial.yaml') as object;
  const jobOf = async (values: object): Promise<string> => {
    const objects = await objectsOf(helm, { ...trial, ...values });
    return objects.find(({ kind }) => kind === 'Job')?.metadata.name ?? '';
  };
  const first = await jobOf({});
  assert.equal(await jobOf({ logLevel: 'debug' }), first);
  assert.notEqual(await jobOf({ image: { tag: 'other' } }), first);
  assert.notEqual(await jobOf({ configuration: { document: 'realm: other' } }), first);
});

type TypedObject = Pick<KubernetesObject, 'apiVersion' | 'kind'>;

/** Schemas of one version, read as they are needed. */
class KubernetesSchemas {
  readonly #folder: string;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(version: string) {
    this.#folder = schemaFolder(version);
    assert.ok(existsSync(this.#folder), `${this.#folder} is missing: run deploy/local/install`);
    this.#ajv.addSchema(this.#read('_definitions.json'), '_definitions.json');
  }

  mistakesIn(object: TypedObject): readonly string[] {
    const validate = this.#validatorOf(object);
    validate(object);
    return (validate.errors ?? []).map(
      ({ instancePath, message = '', params }) =>
        `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  #validatorOf({ apiVersion, kind }: TypedObject): ValidateFunction {
    const [group = '', version = ''] = apiVersion.includes('/')
      ? apiVersion.split('/')
      : ['', apiVersion];
    // kubeconform's naming: the first label of the group.
    const file = [kind.toLowerCase(), ...(group === '' ? [] : [group.split('.')[0]]), version].join(
      '-',
    );
    const known = this.#validators.get(file);
    if (known !== undefined) return known;
    const validate = this.#ajv.compile(this.#read(`${file}.json`));
    this.#validators.set(file, validate);
    return validate;
  }

  #read(file: string): object {
    const own = join(this.#folder, file);
    const path = existsSync(own) ? own : join(customSchemas, file);
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  }
}
