import { createRequire } from 'node:module';
import { minorUnitOf } from '@tandem/domain';
import PDFDocument from 'pdfkit';
import type { WholeInvoiceView } from '../schemas.ts';
import { Sheet } from './sheet.ts';
import type { SheetColumn } from './sheet.ts';

// One that has the letters of most names: those that are built into PDF know Western Europe alone.
const require = createRequire(import.meta.url);
const REGULAR = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

type Line = WholeInvoiceView['lines'][number];

const USAGE: readonly SheetColumn<Line>[] = [
  { title: 'Destination', width: 82, text: destinationOf },
  { title: 'Rate', width: 175, text: ({ rate }) => rate },
  { title: 'Calls', width: 55, align: 'right', text: ({ entries }) => String(entries) },
  { title: 'Minutes', width: 75, align: 'right', text: ({ billedSeconds }) => minutesOf(billedSeconds) }, // prettier-ignore
  { title: 'Amount', width: 108, align: 'right', text: ({ amount }) => amount },
];
const PAYMENTS: readonly SheetColumn<Line>[] = [
  { title: 'Day', width: 82, text: ({ at }) => at?.slice(0, 10) ?? '' },
  { title: 'What', width: 80, text: ({ kind }) => kind.replace('-', ' ') },
  { title: 'Reference', width: 225, text: ({ note }) => note },
  { title: 'Amount', width: 108, align: 'right', text: ({ amount }) => amount },
];

/** An invoice or credit note as PDF, A4. The same one is the same bytes, whenever it is asked for. */
export function invoicePdf(whole: WholeInvoiceView): Promise<Buffer> {
  const { invoice, seller } = whole;
  const title = titleOf(whole);
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: 50, bottom: 60, left: 50, right: 50 },
    bufferPages: true,
    lang: 'en',
    info: {
      Title: title,
      Author: seller.legalName,
      CreationDate: new Date(invoice.issuedAt ?? invoice.createdAt ?? 0),
    },
  });
  document.registerFont('regular', REGULAR).registerFont('bold', BOLD);
  const done = bytesOf(document);
  const sheet = new Sheet(document);
  writeHead(sheet, whole, title);
  const charged = whole.lines.filter(({ at }) => at === null);
  const paid = whole.lines.filter(({ at }) => at !== null);
  if (invoice.kind === 'credit-note')
    sheet.paragraph(`Credit for invoice ${invoice.refersToNumber}: ${invoice.reason}`); // prettier-ignore
  else if (charged.length === 0) sheet.paragraph('No calls were charged.');
  else sheet.table('Calls', USAGE, charged);
  writeSums(sheet, whole);
  if (invoice.kind === 'invoice') writeBalance(sheet, whole);
  if (paid.length > 0) sheet.table('Payments', PAYMENTS, paid);
  sheet.small(whole.footer);
  sheet.finish(title, invoice.state === 'issued' ? '' : 'DRAFT');
  document.end();
  return done;
}

function titleOf({ invoice: { kind, number } }: WholeInvoiceView): string {
  const what = kind === 'invoice' ? 'Invoice' : 'Credit note';
  return number === '' ? `${what}, draft` : `${what} ${number}`;
}

function writeHead(
  sheet: Sheet,
  { buyer, invoice, seller }: WholeInvoiceView,
  title: string,
): void {
  sheet.parties(partyLines(seller), partyLines(buyer));
  sheet.title(title);
  const { currency, dueOn, firstDay, issuedOn, lastDay, refersToNumber, timeZone } = invoice;
  sheet.facts([
    ['Account', invoice.account],
    ['Period', `${firstDay} to ${lastDay} (${timeZone})`],
    ['Currency', currency],
    ['Date', issuedOn],
    ['Due', dueOn],
    ['For invoice', refersToNumber],
  ]);
}

function partyLines({
  address,
  country,
  legalName,
  taxNumber,
}: WholeInvoiceView['seller']): string[] {
  return [legalName, ...address, country, taxNumber === '' ? '' : `Tax number ${taxNumber}`].filter((line) => line !== ''); // prettier-ignore
}

function writeSums(sheet: Sheet, { invoice, taxes }: WholeInvoiceView): void {
  const { charges, currency, isTaxIncluded } = invoice;
  const coins = (amount: string): string => inCoins(amount, currency);
  sheet.sums([
    { text: 'Charges, exactly', amount: charges },
    { text: 'Net, rounded to coins', amount: coins(invoice.net) },
    ...taxes.map(({ amount, name, percent }) => ({ text: `${name} ${percent} %${isTaxIncluded ? ', in the prices' : ''}`, amount: coins(amount) })), // prettier-ignore
    { text: `Total in ${currency}`, amount: coins(invoice.total), isStrong: true },
  ]);
}

function writeBalance(sheet: Sheet, { invoice }: WholeInvoiceView): void {
  sheet.sums([
    { text: 'Balance carried from before', amount: invoice.openingBalance },
    { text: 'Payments and credits', amount: invoice.payments },
    { text: 'This invoice', amount: negative(inCoins(invoice.total, invoice.currency)) },
    { text: 'Balance of the account', amount: invoice.closingBalance, isStrong: true },
  ]);
}

/** With all the digits that coins of the currency have: 864.20. */
function inCoins(amount: string, currency: string): string {
  const [whole = '', fraction = ''] = amount.split('.');
  const digits = fraction.padEnd(minorUnitOf(currency), '0');
  return digits === '' ? whole : `${whole}.${digits}`;
}

function negative(amount: string): string {
  if (!/[1-9]/.test(amount)) return amount;
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

function destinationOf({ destination, kind }: Line): string {
  const where = destination === '' ? 'other' : `+${destination.replace(/^\+/, '')}`;
  return kind === 'calls' ? where : `${where} (${kind})`;
}

/** `12:05`, minutes and seconds. */
function minutesOf(seconds: number): string {
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

function bytesOf(document: PDFKit.PDFDocument): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    document.on('data', (part: Buffer) => parts.push(part));
    document.on('end', () => {
      resolve(Buffer.concat(parts));
    });
    document.on('error', reject);
  });
}
