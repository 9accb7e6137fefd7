/** The description of the API, as the server itself has it: read once, when it is first needed. */
import { request } from './client.ts';
import type { JsonSchema } from '../core/entry-schema.ts';

/** One operation. */
export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly 'x-roles'?: readonly string[];
}

export interface ApiDescription {
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let description: Promise<ApiDescription> | undefined;

/** @throws ApiProblem; it is asked again then */
export async function apiDescription(): Promise<ApiDescription> {
  description ??= request('/openapi.json').then(async (answer) => (await answer.json()) as never);
  try {
    return await description;
  } catch (error) {
    description = undefined;
    throw error;
  }
}
