import PDFDocument from "pdfkit";
import { type Format, formatOf } from "../../../platform/format/index.ts";
import type { DocumentLine, InvoiceDocument } from "./document.ts";
import { type InvoiceTexts, invoiceTextsOf } from "./texts.ts";

// Noto Sans has Latin, Greek and Cyrillic, under the SIL Open Font License; the parts that are used are embedded.
const REGULAR = Bun.resolveSync("@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf", import.meta.dir);
const BOLD = Bun.resolveSync("@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf", import.meta.dir);

/** Points; A4 is 595 by 842. */
const MARGIN = 50;
const PAGE = { width: 595, bottom: 842 - 90 };
const WIDTH = PAGE.width - 2 * MARGIN;
const SOFT = "#54616e";
const LINE = "#d5dbe1";

const TEXT_SIZE = 9;

/** The columns of the table, from the left. */
const COLUMNS = [
  { x: MARGIN, width: 215, align: "left" },
  { x: MARGIN + 220, width: 50, align: "right" },
  { x: MARGIN + 275, width: 75, align: "right" },
  { x: MARGIN + 355, width: 60, align: "right" },
  { x: MARGIN + 420, width: WIDTH - 420, align: "right" },
] as const;

interface Sheet {
  readonly pdf: PDFKit.PDFDocument;
  readonly texts: InvoiceTexts;
  readonly format: Format;
  readonly document: InvoiceDocument;
}

/** A text without a space in it is laid out letter by letter; more than this of one would fill a page. */
const TEXT_MAX = 300;

/** The document as PDF on A4. The same document gives the same bytes, on every machine and at any time. */
export async function renderPdf(issued: InvoiceDocument): Promise<Uint8Array> {
  const document = clipped(issued);
  const texts = invoiceTextsOf(document.locale);
  const title = document.kind === "invoice" ? texts.invoice : texts.creditNote;
  const pdf = new PDFDocument({
    size: "A4",
    margin: MARGIN,
    bufferPages: true,
    font: REGULAR,
    lang: document.locale,
    info: { Title: `${title} ${document.number}`, CreationDate: new Date(document.issuedAt) },
  });
  const bytes = collect(pdf);
  const sheet = { pdf, texts, format: writableFormat(document), document };
  head(sheet, title);
  table(sheet);
  sums(sheet);
  feet(sheet);
  pdf.end();
  return bytes;
}

/** What the font has no signs for: other letters, digits and forms than those of Latin, Greek and Cyrillic. */
const UNWRITABLE =
  /[^\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Zyyy}\p{sc=Zinh}]|(?![0-9])\p{Nd}|[\u3000-\u303f\uff00-\uffef]/u;

/** Days and amounts as the document's locale writes them; in English where the font could only draw boxes. */
export function writableFormat({ locale, timeZone, issuedAt, total }: InvoiceDocument): Format {
  const own = formatOf(locale, timeZone);
  return UNWRITABLE.test(own.day(issuedAt) + own.money(total)) ? formatOf("en-US", timeZone) : own;
}

function clipped(document: InvoiceDocument): InvoiceDocument {
  const clip = (text: string) => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text);
  return {
    ...document,
    buyer: document.buyer.map(clip),
    shipTo: document.shipTo.map(clip),
    lines: document.lines.map((line) => ({ ...line, title: clip(line.title), detail: clip(line.detail) })),
  };
}

function collect(pdf: PDFKit.PDFDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    pdf.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    pdf.on("end", () => resolve(Buffer.concat(chunks)));
    pdf.on("error", reject);
  });
}

function head({ pdf, texts, format, document }: Sheet, title: string): void {
  const { seller, buyer, shipTo } = document;
  pdf.font(BOLD).fontSize(11).text(seller.name, MARGIN, MARGIN, { width: WIDTH, align: "right" });
  const sellerLines = [...seller.lines, ...(seller.email ? [seller.email] : [])];
  if (seller.taxId) sellerLines.push(`${texts.taxId}: ${seller.taxId}`);
  pdf.font(REGULAR).fontSize(9).fillColor(SOFT).text(sellerLines.join("\n"), { width: WIDTH, align: "right" });
  const addressTop = Math.max(130, pdf.y + 15);
  pdf.fillColor("black").fontSize(10).text(buyer.join("\n"), MARGIN, addressTop, { width: 250 });
  const facts = [
    [texts.number, document.number],
    [texts.date, format.day(document.issuedAt)],
    ...(document.creditsNumber === null ? [] : [[texts.credits, document.creditsNumber]]),
    [texts.order, document.orderNumber],
    [texts.orderDate, format.day(document.placedAt)],
  ];
  let y = addressTop;
  for (const [label = "", value = ""] of facts) {
    pdf.fillColor(SOFT).text(label, MARGIN + 275, y, { width: 100 });
    pdf.fillColor("black").text(value, MARGIN + 375, y, { width: WIDTH - 375, align: "right" });
    y = pdf.y;
  }
  y = Math.max(y, addressTop + buyer.length * 14);
  if (shipTo.length > 0) {
    pdf.fillColor(SOFT).text(texts.shipTo, MARGIN, y + 12, { width: 250 });
    pdf.fillColor("black").text(shipTo.join("\n"), { width: 250 });
    y = pdf.y;
  }
  pdf
    .font(BOLD)
    .fontSize(18)
    .text(title, MARGIN, y + 25, { width: WIDTH });
  pdf.moveDown(0.5);
}

function table(sheet: Sheet): void {
  const { pdf, texts, format, document } = sheet;
  const labels = [texts.item, texts.quantity, texts.unitPrice, texts.discount, texts.amount];
  let y = tableHead(pdf, labels, pdf.y);
  for (const line of document.lines) {
    const height = heightOf(pdf, line);
    if (y + height > PAGE.bottom) {
      pdf.addPage();
      y = tableHead(pdf, labels, MARGIN);
    }
    const discount =
      line.discount.amount === 0 ? "" : format.money({ ...line.discount, amount: -line.discount.amount });
    const cells = [line.title, String(line.quantity), format.money(line.unitPrice), discount, format.money(line.total)];
    row(pdf, cells, y + 4);
    if (line.detail !== "") {
      const below = y + 4 + pdf.heightOfString(line.title, { width: COLUMNS[0].width });
      pdf.fontSize(8).fillColor(SOFT).text(line.detail, MARGIN, below, { width: COLUMNS[0].width });
      pdf.fontSize(9).fillColor("black");
    }
    y += height;
    rule(pdf, y);
  }
  pdf.y = y + 10;
}

function tableHead(pdf: PDFKit.PDFDocument, labels: readonly string[], y: number): number {
  pdf.font(BOLD).fontSize(9).fillColor("black");
  row(pdf, labels, y + 4);
  pdf.font(REGULAR);
  rule(pdf, y + 20);
  return y + 20;
}

function row(pdf: PDFKit.PDFDocument, cells: readonly string[], y: number): void {
  for (const [index, { x, width, align }] of COLUMNS.entries()) {
    const cell = cells[index] ?? "";
    pdf.fontSize(index === 0 ? TEXT_SIZE : sizeWithin(pdf, cell, { width, size: TEXT_SIZE }));
    pdf.text(cell, x, y, { width, align });
  }
  pdf.fontSize(TEXT_SIZE);
}

/** The size of a figure that stays on its line: one that is wider than its place is written smaller. */
function sizeWithin(pdf: PDFKit.PDFDocument, text: string, { width, size }: Record<"width" | "size", number>): number {
  const needed = pdf.fontSize(size).widthOfString(text);
  // A hair less than the width, which the layout compares after sums of its own.
  return needed <= width ? size : (size * (width - 0.1)) / needed;
}

function heightOf(pdf: PDFKit.PDFDocument, { title, detail }: DocumentLine): number {
  const { width } = COLUMNS[0];
  const name = pdf.fontSize(9).heightOfString(title, { width });
  const more = detail === "" ? 0 : pdf.fontSize(8).heightOfString(detail, { width });
  pdf.fontSize(9);
  return name + more + 8;
}

function rule(pdf: PDFKit.PDFDocument, y: number): void {
  pdf
    .moveTo(MARGIN, y)
    .lineTo(MARGIN + WIDTH, y)
    .lineWidth(0.5)
    .strokeColor(LINE)
    .stroke();
}

/** The sums stay together; on a page that is full they go to the next one. */
function sums({ pdf, texts, format, document }: Sheet): void {
  const { subtotal, discount, shipping, taxes, total } = document;
  const taxRow = ({ name, basisPoints, taxable, net, amount, included }: InvoiceDocument["taxes"][number]) => {
    const label = included ? texts.includedTax : texts.tax;
    return [label(name, format.percent(basisPoints), format.money(net ?? taxable)), format.money(amount)];
  };
  const rows = [
    [texts.subtotal, format.money(subtotal)],
    ...(discount.amount === 0 ? [] : [[texts.discount, format.money({ ...discount, amount: -discount.amount })]]),
    ...(shipping.amount === 0 ? [] : [[texts.shipping, format.money(shipping)]]),
    ...taxes.filter((tax) => !tax.included).map(taxRow),
    [texts.total, format.money(total)],
    ...taxes.filter((tax) => tax.included).map(taxRow),
  ];
  let y = pdf.y;
  if (y + rows.length * 18 > PAGE.bottom) {
    pdf.addPage();
    y = MARGIN;
  }
  const width = WIDTH - 400;
  for (const [label = "", amount = ""] of rows) {
    const isTotal = label === texts.total;
    const size = isTotal ? 11 : TEXT_SIZE;
    pdf.font(isTotal ? BOLD : REGULAR).fontSize(size);
    pdf.text(label, MARGIN + 150, y, { width: 245, align: "right" });
    const below = pdf.y;
    pdf.fontSize(sizeWithin(pdf, amount, { width, size })).text(amount, MARGIN + 400, y, { width, align: "right" });
    y = Math.max(below, pdf.y) + 3;
  }
}

/** Written last, when the number of pages is known. */
function feet({ pdf, texts, document }: Sheet): void {
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page += 1) {
    pdf.switchToPage(page);
    // The library starts a page when it writes below the margin.
    pdf.page.margins.bottom = 0;
    pdf.font(REGULAR).fontSize(8).fillColor(SOFT);
    pdf.text(document.footer.join(" · "), MARGIN, 842 - 70, { width: WIDTH - 80, height: 30 });
    pdf.text(texts.page(page + 1, count), MARGIN + WIDTH - 75, 842 - 70, {
      width: 75,
      align: "right",
      lineBreak: false,
    });
  }
}
