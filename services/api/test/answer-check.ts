import assert from 'node:assert/strict';
import Fastify, {
  type FastifyInstance,
  type InjectOptions,
  type LightMyRequestResponse,
} from 'fastify';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

type Validate = ((value: unknown) => boolean) & { errors?: unknown };

const DESCRIPTION = 'description';

/**
 * Has every `inject()` fail whose answer is not as the OpenAPI description has it: a status or a media type that is
 * not there, a body of another form, a field that is not told of.
 */
export function checkAnswers(server: FastifyInstance): FastifyInstance {
  const { description, validators } = (everyServer ??= describe(server));
  const inject = (options: InjectOptions) => server.inject(options);
  return new Proxy(server, {
    get: (target, name) => {
      if (name === 'inject') {
        return async (options: InjectOptions) => {
          const answer = await inject(options);
          checkAnswer({ options, answer, description, validate: await validators });
          return answer;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The same of every server of a process. */
let everyServer: ReturnType<typeof describe> | undefined;

function describe(server: FastifyInstance) {
  const description = server.swagger() as unknown as Description;
  return { description, validators: openValidators(description) };
}

interface Answered {
  readonly options: InjectOptions;
  readonly answer: LightMyRequestResponse;
  readonly description: Description;
  readonly validate: (schema: object) => Validate;
}

function checkAnswer({ options, answer, description, validate }: Answered): void {
  const method = (options.method ?? 'GET').toLowerCase();
  const [path = ''] = (answer.raw.req.url ?? '').split('?');
  const operation = operationOf(description, path)?.[method];
  if (operation === undefined) return;
  const what = `${method} ${path}: ${String(answer.statusCode)}`;
  const described = operation.responses[String(answer.statusCode)];
  if (described !== undefined && described.content === undefined) {
    assert.equal(answer.payload, '', `${what} is described without a body`);
    return;
  }
  const { content } = described ?? {};
  assert.ok(content, `${what} is not in the description`);
  const [mediaType = ''] = String(answer.headers['content-type']).split(';');
  assert.ok(content[mediaType], `${what} as ${mediaType} is not in the description`);
  const isValid = validate(content[mediaType].schema);
  const body: unknown = mediaType.endsWith('json') ? JSON.parse(answer.payload) : answer.payload;
  assert.ok(isValid(body), `${what} has another form: ${JSON.stringify(isValid.errors)}`);
}

function operationOf({ paths }: Description, path: string) {
  const exact = paths[path];
  if (exact !== undefined) return exact;
  const template = Object.keys(paths).find((known) =>
    new RegExp(`^${known.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return template === undefined ? undefined : paths[template];
}

/** Fastify's own validator, over the description itself. */
async function openValidators({ components }: Description): Promise<(schema: object) => Validate> {
  const app = Fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, strict: false } },
  });
  app.addSchema({ $id: DESCRIPTION, components: closed(components) });
  const compiled = Promise.withResolvers<(schema: object) => Validate>();
  app.get('/', (request) => {
    const known = new Map<string, Validate>();
    compiled.resolve((schema) => {
      const text = JSON.stringify(schema).replaceAll('"#/', `"${DESCRIPTION}#/`);
      const validate =
        known.get(text) ?? request.compileValidationSchema(JSON.parse(text) as object);
      known.set(text, validate);
      return validate;
    });
    return {};
  });
  await app.inject({ url: '/' });
  return compiled.promise;
}

/** What the description does not name must not be there. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  return copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}
