import { isAlias, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { crossCheck } from './cross-check.ts';
import { describeIssue } from './describe-issue.ts';
import { configurationSchema, type Configuration } from './document.ts';
import type { Mistake } from './mistake.ts';

/** A checked configuration, or every mistake that is in it. */
export type ParseResult =
  | { readonly kind: 'valid'; readonly configuration: Configuration }
  | { readonly kind: 'invalid'; readonly mistakes: readonly Mistake[] };

/** What is whole stands in a document: one without anything would take away all that there is. */
const EMPTY: ParseResult = {
  kind: 'invalid',
  mistakes: [
    {
      path: '',
      message:
        'is empty: a document is the whole configuration, with at least one entry, such as "realm: tandem"',
    },
  ],
};

/**
 * Reads a configuration document and finds all of its mistakes at once: form, unknown keys, ranges,
 * names that do not exist, duplicates and contradictions. An empty file, or one of comments alone, is a
 * mistake. Lines are known for YAML only.
 */
export function parseConfiguration(text: string, format: 'yaml' | 'json'): ParseResult {
  if (text.trim() === '') return EMPTY;
  return format === 'json' ? parseJson(text) : parseYaml(text);
}

/** The same for a document that is already a value; `{}` is nothing but defaults. */
export function checkConfiguration(document: unknown): ParseResult {
  const parsed = configurationSchema.safeParse(document, { reportInput: true });
  const mistakes = [
    ...(parsed.error?.issues ?? []).flatMap(describeIssue),
    ...crossCheck(document),
  ];
  return parsed.success && mistakes.length === 0
    ? { kind: 'valid', configuration: parsed.data }
    : { kind: 'invalid', mistakes };
}

function parseJson(text: string): ParseResult {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', mistakes: [{ path: '', message: `is no JSON: ${message}` }] };
  }
  return isEmpty(document) ? EMPTY : checkConfiguration(document);
}

function parseYaml(text: string): ParseResult {
  const lines = new LineCounter();
  const tree = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (tree.errors.length > 0) {
    const mistakes = tree.errors.map((error) => ({
      path: '',
      message: `is no YAML: ${error.message}`,
      line: lines.linePos(error.pos[0]).line,
    }));
    return { kind: 'invalid', mistakes };
  }
  let document: unknown;
  try {
    // Aliases are limited: a few lines could otherwise grow to gigabytes.
    document = tree.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', mistakes: [{ path: '', message: `is no YAML: ${message}` }] };
  }
  if (isEmpty(document)) return EMPTY;
  const result = checkConfiguration(document);
  if (result.kind === 'valid') return result;
  const mistakes = result.mistakes.map((mistake) => withLine(mistake, tree, lines));
  return {
    kind: 'invalid',
    mistakes: mistakes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  };
}

function isEmpty(document: unknown): boolean {
  if (typeof document !== 'object') return document === undefined;
  return document === null || Object.keys(document).length === 0;
}

/** Finds the line of the nearest place in the text that a path names. */
function withLine(mistake: Mistake, tree: Document, lines: LineCounter): Mistake {
  const steps = mistake.path.split(/[.[\]]+/).filter((step) => step !== '');
  for (let length = steps.length; length > 0; length -= 1) {
    const offset = offsetOf(tree, steps.slice(0, length));
    if (offset !== undefined) return { ...mistake, line: lines.linePos(offset).line };
  }
  return mistake;
}

function offsetOf(tree: Document, steps: readonly string[]): number | undefined {
  const keys = steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  try {
    const node: unknown = tree.getIn(keys, true);
    if (isScalar(node) || isAlias(node)) return node.range?.[0];
    const range = (node as { range?: readonly number[] | null } | undefined)?.range;
    return range?.[0];
  } catch {
    // A path through a scalar: the place above it has the line.
    return undefined;
  }
}
