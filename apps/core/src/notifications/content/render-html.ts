import { escapeMarkup } from "@stoa/kernel";
import { type AmountRow, type Block, type ItemRow, isWebLink, type MailContent } from "./blocks.ts";

/** Every value that is put in is escaped; markup comes in only as another `html` piece. */
function html(strings: TemplateStringsArray, ...values: readonly (string | Markup | readonly Markup[])[]): Markup {
  const text = strings.reduce((joined, part, index) => joined + part + markupOf(values[index]), "");
  return { markup: text };
}

interface Markup {
  readonly markup: string;
}

function markupOf(value: string | Markup | readonly Markup[] | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeMarkup(value);
  return "markup" in value ? value.markup : value.map((piece) => piece.markup).join("");
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const CELL = "padding:8px 0;border-bottom:1px solid #d5dbe1;vertical-align:top";

/** The mail as HTML: no script, no image, nothing that is fetched, so that opening it tells nobody anything. */
export function renderHtml(content: MailContent): string {
  const { language, subject, preview, heading, blocks, footer } = content;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${subject}</title>
<style>
@media (prefers-color-scheme: dark) {
  .ground { background: #11161b !important; }
  .card { background: #1b232b !important; color: #eef2f5 !important; }
  .soft { color: #a7b4c0 !important; }
  .cell { border-color: #36424d !important; }
}
</style>
</head>
<body class="ground" style="margin:0;background:#f3f5f7;${{ markup: FONT }}">
<div style="display:none;max-height:0;overflow:hidden">${preview}</div>
<table role="presentation" width="100%" cellspacing="0" cellpadding="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellspacing="0" cellpadding="0" style="max-width:600px;background:#ffffff;color:#16202a;border-radius:12px">
<tr><td style="padding:32px 24px;font-size:16px;line-height:1.5;text-align:left">
<h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">${heading}</h1>
${blocks.map(blockOf)}
</td></tr>
</table>
<p class="soft" style="max-width:600px;margin:16px auto;color:#54616e;font-size:13px;line-height:1.5">${footer}</p>
</td></tr></table>
</body>
</html>
`.markup;
}

function blockOf(block: Block): Markup {
  switch (block.kind) {
    case "text":
      return html`<p style="margin:0 0 16px">${block.text}</p>\n`;
    case "items":
      return table(block.rows.map(itemRow));
    case "amounts":
      return table(block.rows.map(amountRow));
    case "lines":
      return html`<p style="margin:0 0 16px"><strong>${block.label}</strong><br>${lines(block.lines)}</p>\n`;
    case "button":
      if (!isWebLink(block.url)) return html``;
      return html`<p style="margin:24px 0"><a href="${block.url}" style="display:inline-block;padding:12px 24px;background:#0b5cad;color:#ffffff;border-radius:8px;text-decoration:none;font-weight:bold">${block.label}</a></p>\n`;
  }
}

function table(rows: readonly Markup[]): Markup {
  return html`<table role="presentation" width="100%" cellspacing="0" cellpadding="0" style="margin:0 0 16px;font-size:16px">${rows}</table>\n`;
}

function itemRow({ title, detail, quantity, amount = "" }: ItemRow): Markup {
  const more =
    detail === "" ? html`` : html`<br><span class="soft" style="color:#54616e;font-size:14px">${detail}</span>`;
  return html`<tr><td class="cell" style="${{ markup: CELL }};padding-right:12px;white-space:nowrap">${quantity}</td><td class="cell" width="100%" style="${{ markup: CELL }};overflow-wrap:anywhere">${title}${more}</td><td class="cell" align="right" style="${{ markup: CELL }};padding-left:12px;white-space:nowrap">${amount}</td></tr>`;
}

function amountRow({ label, amount, strong = false }: AmountRow): Markup {
  const weight = { markup: strong ? "font-weight:bold" : "" };
  return html`<tr><td style="padding:4px 0;${weight}">${label}</td><td align="right" style="padding:4px 0 4px 12px;white-space:nowrap;${weight}">${amount}</td></tr>`;
}

function lines(texts: readonly string[]): Markup[] {
  return texts.map((line, index) => (index === 0 ? html`${line}` : html`<br>${line}`));
}
