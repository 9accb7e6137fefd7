import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifySchemaCompiler } from 'fastify';
import type { FastifyValidationResult } from 'fastify/types/schema.js';

/** Numbers and booleans of a query arrive as text; a body is taken as it is. */
const customOptions = { coerceTypes: 'array', removeAdditional: false, allErrors: true } as const;

/** As Ajv makes it. */
interface Validator {
  (data: unknown, where?: unknown): boolean;
  errors?: FastifyValidationResult['errors'];
}

type Compile = (route: unknown) => Validator;

/**
 * Compiles what checks a request when the first such request comes: some hundred validators would keep a pod from being ready for
 * a second.
 * @param schemas the shapes that others refer to, by their `$id`
 */
export function lazyValidators(
  schemas: readonly Record<string, unknown>[],
): FastifySchemaCompiler<unknown> {
  const known = Object.fromEntries(schemas.map((schema) => [String(schema['$id']), schema]));
  let compile: Compile | undefined;
  return (route) => {
    let validator: Validator | undefined;
    const validate = (data: unknown, where?: unknown): boolean => {
      compile ??= AjvCompiler()(known, { customOptions }) as unknown as Compile;
      validator ??= compile(route);
      const isValid = validator(data, where);
      validate.errors = validator.errors ?? null;
      return isValid;
    };
    validate.errors = null as NonNullable<Validator['errors']> | null;
    // By this Fastify says where the value stands, without which it could not be replaced by what it is coerced to.
    validate.schemaEnv = true;
    return validate;
  };
}
