/** A column of a table; widths in points, 495 in all. */
export interface SheetColumn<Row> {
  readonly title: string;
  readonly width: number;
  readonly align?: 'right';
  readonly text: (row: Row) => string;
}

const LEFT = 50;
const WIDTH = 495;
const BOTTOM = 760;
const GREY = '#5b6470';
const RULE = '#c9ced6';

/** A4 pages that are written from top to bottom; what does not fit goes on the next one, a table with its heading. */
export class Sheet {
  readonly #document: PDFKit.PDFDocument;

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
    document.font('regular').fontSize(9);
  }

  /** Who sells on the left, who buys on the right. */
  parties(seller: readonly string[], buyer: readonly string[]): void {
    const top = this.#document.y;
    const ends = [this.#block(seller, LEFT, top), this.#block(buyer, 320, top)];
    this.#moveTo(Math.max(...ends) + 28);
  }

  title(text: string): void {
    this.#document.font('bold').fontSize(16).text(text, LEFT, this.#document.y, { width: WIDTH });
    this.#moveTo(this.#document.y + 6);
  }

  /** Names with values; those that are empty are left out. */
  facts(facts: readonly (readonly [name: string, value: string])[]): void {
    for (const [name, value] of facts) {
      if (value === '') continue;
      const top = this.#document.y;
      this.#document.font('regular').fontSize(9).fillColor(GREY).text(name, LEFT, top, { width: 80 }); // prettier-ignore
      this.#document.fillColor('black').text(value, LEFT + 84, top, { width: WIDTH - 84 });
    }
    this.#moveTo(this.#document.y + 12);
  }

  paragraph(text: string): void {
    this.#document.font('regular').fontSize(9).text(text, LEFT, this.#document.y, { width: WIDTH });
    this.#moveTo(this.#document.y + 10);
  }

  /** Small lines that stay together. */
  small(lines: readonly string[]): void {
    this.#need(lines.length * 12);
    this.#document.font('regular').fontSize(8).fillColor(GREY);
    for (const line of lines) this.#document.text(line, LEFT, this.#document.y, { width: WIDTH });
    this.#document.fillColor('black');
  }

  table<Row>(title: string, columns: readonly SheetColumn<Row>[], rows: readonly Row[]): void {
    this.#need(60);
    this.#document.font('bold').fontSize(10).text(title, LEFT, this.#document.y);
    this.#moveTo(this.#document.y + 4);
    this.#heading(columns);
    for (const row of rows) {
      const texts = columns.map((column) => column.text(row));
      this.#document.font('regular').fontSize(8.5);
      const heights = columns.map(({ width }, index) => this.#document.heightOfString(texts[index] ?? '', { width: width - 6 })); // prettier-ignore
      const height = Math.max(...heights) + 4;
      if (this.#need(height)) this.#heading(columns);
      this.#row(columns, texts, height);
    }
    this.#moveTo(this.#document.y + 10);
  }

  /** Amounts under each other, on the right. */
  sums(
    sums: readonly { readonly text: string; readonly amount: string; readonly isStrong?: true }[],
  ): void {
    this.#need(sums.length * 14 + 12);
    for (const { amount, isStrong, text } of sums) {
      const top = this.#document.y;
      if (isStrong === true) this.#rule(top, 300);
      this.#document.font(isStrong === true ? 'bold' : 'regular').fontSize(9);
      this.#document.text(text, 300, top + 3, { width: 150 });
      const end = this.#document.y;
      this.#document.text(amount, 440, top + 3, { width: 105, align: 'right' });
      this.#moveTo(Math.max(end, this.#document.y));
    }
    this.#moveTo(this.#document.y + 14);
  }

  /** Numbers the pages; a mark stands across each. */
  finish(title: string, mark: string): void {
    const { count, start } = this.#document.bufferedPageRange();
    for (let index = 0; index < count; index += 1) {
      this.#document.switchToPage(start + index);
      // What stands below the margin would begin a new page.
      this.#document.page.margins.bottom = 0;
      const text = `${title} · page ${String(index + 1)} of ${String(count)}`;
      this.#document.font('regular').fontSize(8).fillColor(GREY).text(text, LEFT, 800, { width: WIDTH, align: 'center' }); // prettier-ignore
      this.#document.fillColor('black');
      if (mark !== '') this.#mark(mark);
    }
  }

  #mark(text: string): void {
    this.#document
      .save()
      .rotate(-45, { origin: [297, 420] })
      .fillOpacity(0.08);
    this.#document.font('bold').fontSize(120).text(text, 0, 350, { width: 595, align: 'center', lineBreak: false }); // prettier-ignore
    this.#document.restore();
  }

  #block(lines: readonly string[], left: number, top: number): number {
    this.#moveTo(top);
    for (const [index, line] of lines.entries()) {
      this.#document.font(index === 0 ? 'bold' : 'regular').fontSize(9);
      this.#document.text(line, left, this.#document.y, { width: 225 });
    }
    return this.#document.y;
  }

  #heading<Row>(columns: readonly SheetColumn<Row>[]): void {
    this.#document.font('bold').fontSize(8.5).fillColor(GREY);
    this.#row(columns, columns.map(({ title }) => title), 14); // prettier-ignore
    this.#document.font('regular').fillColor('black');
    this.#rule(this.#document.y - 2, LEFT);
  }

  #row<Row>(columns: readonly SheetColumn<Row>[], texts: readonly string[], height: number): void {
    const top = this.#document.y;
    let left = LEFT;
    for (const [index, { align = 'left', width }] of columns.entries()) {
      this.#document.text(texts[index] ?? '', left, top, { width: width - 6, align });
      left += width;
    }
    this.#moveTo(top + height);
  }

  #rule(top: number, left: number): void {
    this.#document.moveTo(left, top).lineTo(LEFT + WIDTH, top).lineWidth(0.5).strokeColor(RULE).stroke(); // prettier-ignore
  }

  /** @returns whether a page had to be begun */
  #need(height: number): boolean {
    if (this.#document.y + height <= BOTTOM) return false;
    this.#document.addPage();
    return true;
  }

  #moveTo(y: number): void {
    this.#document.x = LEFT;
    this.#document.y = y;
  }
}
