import { z } from 'zod';

const value = z.union([z.number(), z.boolean(), z.string()]);

const parameter = z.object({
  name: z.string(),
  value: value.nullable().describe('In effect; null where another parameter decides.'),
  default: value.nullable(),
  isSet: z.boolean().describe('Whether the configuration sets it.'),
  range: z.string().describe('What it may be, in words.'),
  unit: z.string().nullable(),
  description: z.string(),
  spec: z.string(),
});

const parameterValue = z.strictObject({ value });

/** The named shapes of this resource. */
export const parameterSchemas = {
  Parameter: parameter,
  ParameterList: z.object({ parameters: z.array(parameter) }),
  ParameterValue: parameterValue,
};

export type ParameterView = z.output<typeof parameter>;
export type ParameterValue = z.output<typeof parameterValue>;
