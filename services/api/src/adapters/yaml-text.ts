import { parseConfiguration, type ParseResult } from '@tandem/config';
import { stringify } from 'yaml';

/** A document as it came in. */
export interface DocumentText {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

export function readText({ text, format }: DocumentText): ParseResult {
  return parseConfiguration(text, format);
}

/** Quoting survives: '044' and 44 are not the same prefix. */
export function writeYaml(json: string): string {
  return stringify(JSON.parse(json), { aliasDuplicateObjects: false });
}
