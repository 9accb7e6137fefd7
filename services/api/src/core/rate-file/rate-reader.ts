import type { Mistake } from '@tandem/config';
import { CsvLines } from './csv-lines.ts';
import { rateForm, type RateForm, type WantedForm } from './rate-form.ts';
import { RateLines, type LineDefaults } from './read-rate-lines.ts';

/** How a file is to be read. */
export interface ReadTerms extends LineDefaults {
  readonly form: WantedForm;
  /** As the WHATWG names it. @default found out: UTF-16 by its mark, else UTF-8 */
  readonly encoding: string | undefined;
}

/** What a file says, or why it is not used. */
export interface ReadRates {
  readonly lines: RateLines | undefined;
  readonly form: RateForm | undefined;
  readonly encoding: string;
  /** In the order of the lines. */
  readonly mistakes: readonly Mistake[];
  readonly lineCount: number;
}

/** Characters that are looked at to find out how a file is written. */
const SAMPLE = 64 * 1024;

/** Reads a file of rates as it comes; what is kept is each prefix and the number of its terms. */
export class RateReaderOfFile {
  readonly #terms: ReadTerms;
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #sample = '';
  #csv: CsvLines | undefined;
  #lines: RateLines | undefined;
  #form: RateForm | undefined;
  #mistake: Mistake | undefined;

  constructor(terms: ReadTerms) {
    this.#terms = terms;
  }

  get lineCount(): number {
    return this.#csv?.lines ?? 0;
  }

  /** Whether nothing is gained by reading on. */
  get isHopeless(): boolean {
    return this.#mistake !== undefined || this.#lines?.isHopeless === true;
  }

  push(bytes: Uint8Array): void {
    if (this.isHopeless) return;
    this.#decoder ??= this.#decoderOf(bytes);
    if (this.#decoder !== undefined) this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): ReadRates {
    if (!this.isHopeless) {
      this.#take(this.#decoder?.decode() ?? '');
      if (this.#csv === undefined) this.#begin();
      this.#csv?.end();
    }
    const mistakes = [...(this.#lines?.mistakes ?? [])];
    if (this.#mistake !== undefined) mistakes.push(this.#mistake);
    else if (mistakes.length === 0 && this.#lines?.size === 0) {
      mistakes.push({ path: '', message: 'has no rate: to have none, remove the rate group' });
    }
    return {
      lines: this.#lines,
      form: this.#form,
      encoding: this.#decoder?.encoding ?? 'utf-8',
      mistakes,
      lineCount: this.lineCount,
    };
  }

  #take(text: string): void {
    if (this.#csv !== undefined) {
      this.#csv.push(text);
      return;
    }
    this.#sample += text;
    if (this.#sample.length >= SAMPLE) this.#begin();
  }

  #begin(): void {
    try {
      // The last line of the sample may not be whole.
      this.#form = rateForm(this.#sample, this.#terms.form);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#mistake = { path: '', message: error.message };
      return;
    }
    const lines = new RateLines(this.#form, this.#terms);
    this.#lines = lines;
    this.#csv = new CsvLines(this.#form.delimiter, (fields, line) => {
      lines.take(fields, line);
    });
    this.#csv.push(this.#sample);
    this.#sample = '';
  }

  /**
   * What is read of a line is ASCII in every encoding but UTF-16, so that names of places in another one do no harm; who names columns by other
   * letters says the encoding.
   */
  #decoderOf([first, second]: Uint8Array): InstanceType<typeof TextDecoder> | undefined {
    const marked = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined; // prettier-ignore
    const label = this.#terms.encoding ?? marked ?? 'utf-8';
    try {
      return new TextDecoder(label);
    } catch {
      this.#mistake = { path: '', message: `cannot be read in encoding ${label}, which is none` };
      return undefined;
    }
  }
}
