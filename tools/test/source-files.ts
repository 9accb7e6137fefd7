import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** A file of the project as a tree: comments are no part of it. */
export interface SourceFile {
  readonly file: string;
  readonly nodes: readonly ts.Node[];
}

let parsed: readonly SourceFile[] | undefined;

/** The parsed sources of all services. */
export function serviceSources(): readonly SourceFile[] {
  return (parsed ??= globSync('services/*/src/**/*.ts').sort().map(parse));
}

function parse(file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true));
  return { file, nodes };
}
