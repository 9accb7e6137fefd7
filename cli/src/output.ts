import { clean, formatTable, type Column } from './table.ts';
import type { Json } from './api-client.ts';

/** Writes results: tables for people, or one JSON object a line for programs. */
export class Output {
  readonly #write: (text: string) => void;
  readonly #isJson: boolean;

  constructor(write: (text: string) => void, isJson: boolean) {
    this.#write = write;
    this.#isJson = isJson;
  }

  get isJson(): boolean {
    return this.#isJson;
  }

  /** A list of things. */
  rows(rows: readonly Json[], columns: readonly Column<Json>[], nothing: string): void {
    if (this.#isJson) for (const row of rows) this.object(row);
    else this.#write(formatTable(rows, columns, nothing));
  }

  /** One JSON object a line. */
  object(value: unknown): void {
    this.#write(`${JSON.stringify(value)}\n`);
  }

  /** A line for people; nothing with --json. */
  line(text = ''): void {
    if (!this.#isJson) this.#write(`${clean(text)}\n`);
  }

  /** Text as it is. */
  raw(text: string): void {
    this.#write(text.endsWith('\n') ? text : `${text}\n`);
  }
}

/** The value of a key as text; empty where it is null or not there. */
export function textAt(object: Json, key: string): string {
  const value = object[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The list under a key. */
export function listAt(object: Json, key: string): readonly Json[] {
  const value = object[key];
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** The object under a key. */
export function objectAt(object: Json, key: string): Json {
  const value = object[key];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

/** `2026-11-21 10:00:00` of an ISO time. */
export function timeAt(object: Json, key: string): string {
  return textAt(object, key)
    .replace('T', ' ')
    .replace(/(\.\d+)?Z$/, '');
}

/** A column that shows the value of a key. */
export function column(title: string, key: string, align: 'left' | 'right' = 'left'): Column<Json> {
  return { title, align, text: (row) => textAt(row, key) };
}

/** A column that shows a time. */
export function timeColumn(title: string, key: string): Column<Json> {
  return { title, text: (row) => timeAt(row, key) };
}
