import { ConfigurationError, type Mistake } from './mistake.ts';
import { parameters, type Parameter, type ParameterName } from './parameters.ts';
import { didYouMean } from './suggest.ts';

/** Values of all system parameters, defaults filled in. */
export type ParameterValues = {
  readonly [Name in ParameterName]: (typeof parameters)[Name] extends { kind: 'switch' }
    ? boolean
    : (typeof parameters)[Name] extends { kind: 'word'; oneOf: readonly (infer Word)[] }
      ? Word
      : Name extends 'SS_SIP_AUTHENTICATION_CODE'
        ? number | undefined
        : (typeof parameters)[Name] extends { orWord: infer Word }
          ? number | Word
          : number;
};

/** Parameters as written in a configuration document: numbers, booleans, `On` and `Off`. */
export type ParameterOverrides = Readonly<Record<string, number | boolean | string>>;

const SWITCH_WORDS: Readonly<Record<string, boolean>> = { on: true, off: false };

/**
 * Typed values of all parameters. SS_SIP_AUTHENTICATION_CODE has already decided
 * SS_AUTHCHALLENGEMODE where only the former was set (AUTH-02).
 * @throws ConfigurationError naming every mistake
 */
export function readParameters(overrides: ParameterOverrides = {}): ParameterValues {
  const mistakes = checkParameters(overrides);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  const values: Record<string, number | boolean | string | undefined> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const written = overrides[name];
    values[name] = written === undefined ? parameter.default : valueOf(parameter, written);
  }
  const profile = authenticationProfiles[String(values['SS_AUTHENTICATION_PROFILE'])];
  for (const [name, value] of Object.entries(profile ?? {})) {
    if (overrides[name] === undefined) values[name] = value;
  }
  const code = values['SS_SIP_AUTHENTICATION_CODE'];
  if (code !== undefined) values['SS_AUTHCHALLENGEMODE'] = code === 401 ? 1 : 2;
  return values as unknown as ParameterValues;
}

/** What SS_AUTHENTICATION_PROFILE stands for. */
const authenticationProfiles: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  internet: profileOf(3, 5, 600),
  lan: profileOf(6, 10, 120),
  satellite: profileOf(8, 20, 300),
};

function profileOf(retry: number, timeout: number, suspend: number): Record<string, number> {
  return {
    SS_SIP_AUTHENTICATION_RETRY: retry,
    SS_SIP_AUTHENTICATION_TIMEOUT: timeout,
    SS_AUTHENTICATION_FAILED_SUSPEND: suspend,
  };
}

/** Every mistake in the parameters of a document; paths begin with `parameters.` */
export function checkParameters(overrides: Readonly<Record<string, unknown>>): Mistake[] {
  const mistakes: Mistake[] = [];
  for (const [name, written] of Object.entries(overrides)) {
    const message = checkOne(name, written);
    if (message !== undefined) mistakes.push({ path: `parameters.${name}`, message });
  }
  const mode = overrides['SS_AUTHCHALLENGEMODE'];
  const code = overrides['SS_SIP_AUTHENTICATION_CODE'];
  const isConflict = mode !== undefined && code !== undefined && mode !== (code === 401 ? 1 : 2);
  if (isConflict && mistakes.length === 0) {
    mistakes.push({
      path: 'parameters.SS_SIP_AUTHENTICATION_CODE',
      message: `${JSON.stringify(code)} contradicts SS_AUTHCHALLENGEMODE ${JSON.stringify(mode)}: set only one of the two`,
    });
  }
  return mistakes;
}

/** What values a parameter may have, in words. */
export function describeRange(parameter: Parameter): string {
  if (parameter.kind === 'switch') return 'On or Off';
  const unit = parameter.unit === undefined ? '' : ` ${parameter.unit}`;
  if (parameter.oneOf !== undefined) return alternatives(parameter.oneOf) + unit;
  const word = parameter.orWord === undefined ? '' : `${parameter.orWord}, or `;
  return `${word}${String(parameter.min)} to ${String(parameter.max)}${unit}`;
}

/** `401 or 407`, `up, half or down`. */
function alternatives(values: readonly (number | string)[]): string {
  const last = values.at(-1);
  const others = values.slice(0, -1).join(', ');
  return others === '' ? String(last) : `${others} or ${String(last)}`;
}

function checkOne(name: string, written: unknown): string | undefined {
  if (!isParameterName(name)) {
    return `is no system parameter${didYouMean(name, Object.keys(parameters))}`;
  }
  const parameter: Parameter = parameters[name];
  if (valueOf(parameter, written) !== undefined) return undefined;
  return `is ${JSON.stringify(written)}, must be ${describeRange(parameter)}`;
}

/** The value, or undefined where it is not in the parameter's range. */
function valueOf(parameter: Parameter, written: unknown): number | boolean | string | undefined {
  if (parameter.kind === 'switch') {
    if (typeof written === 'boolean') return written;
    return typeof written === 'string' ? SWITCH_WORDS[written.toLowerCase()] : undefined;
  }
  if (parameter.kind === 'word') return wordOf(parameter.oneOf, written);
  if (parameter.orWord !== undefined && typeof written === 'string') {
    return wordOf([parameter.orWord], written);
  }
  const value = Number(written);
  if (typeof written !== 'number' || !Number.isInteger(value)) return undefined;
  if (parameter.oneOf !== undefined) return parameter.oneOf.includes(value) ? value : undefined;
  return value >= (parameter.min ?? 0) && value <= (parameter.max ?? 0) ? value : undefined;
}

function wordOf(oneOf: Parameter['oneOf'] = [], written: unknown): string | undefined {
  const word = typeof written === 'string' ? written.toLowerCase() : '';
  return oneOf.includes(word) ? word : undefined;
}

function isParameterName(name: string): name is ParameterName {
  return Object.hasOwn(parameters, name);
}
