import { escapeMarkup } from "@stoa/kernel";
import type { Email } from "postal-mime";
import { htmlDocument } from "../stand-in/html.ts";
import type { MailSummary } from "./store.ts";
import { STYLE } from "./style.ts";

const BANNER = '<p class="banner">Mail of the local shop. Nothing here has left this machine.</p>';

export type MailView = "html" | "text" | "headers";

/** The mails, newest first. */
export function listPage(mails: readonly MailSummary[], to: string | null): string {
  const search = `
<form class="search" method="get" action="/">
<label for="to">Recipient</label>
<input id="to" name="to" type="search" value="${escapeMarkup(to ?? "")}" placeholder="ada@example.com" autocomplete="off">
<button>Show</button>
</form>`;
  const list =
    mails.length === 0
      ? `<p class="empty">${to === null ? "No mail has come yet." : `No mail to ${escapeMarkup(to)}.`} ${to === null ? "Place an order, and it is here." : '<a href="/">Show all</a>'}</p>`
      : `<ul class="mails">${mails.map(listItem).join("")}</ul>`;
  return page("Mailbox", `<header><h1>Mailbox</h1>${search}</header>${list}`);
}

function listItem(mail: MailSummary): string {
  return `
<li><a href="/mails/${mail.id}">
<span class="subject">${escapeMarkup(mail.subject || "(no subject)")}</span>
<span class="to">${escapeMarkup(mail.recipients.join(", "))}</span>
<span class="marks">${marks(mail)}</span>
${time(mail.at)}
</a></li>`;
}

function marks({ attachments, deliveries }: MailSummary): string {
  const files =
    attachments === 0 ? "" : `<span class="mark">${attachments} ${attachments === 1 ? "file" : "files"}</span>`;
  const repeats = deliveries === 1 ? "" : `<span class="mark warn">came ${deliveries} times</span>`;
  return files + repeats;
}

function time(at: number): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}

export interface MailPage {
  readonly summary: MailSummary;
  readonly mail: Email;
  readonly view: MailView;
}

/** One mail: who, what, and its content in one of three views. */
export function mailPage({ summary, mail, view }: MailPage): string {
  const facts = [
    ["From", mail.from?.address ? named(mail.from.name ?? "", mail.from.address) : summary.sender],
    ["To", summary.recipients.join(", ")],
    ["Message-ID", summary.messageId],
  ];
  const tabs = (["html", "text", "headers"] as const)
    .filter((name) => name !== "html" || mail.html)
    .map((name) => {
      const current = name === view ? ' aria-current="page"' : "";
      return `<a href="/mails/${summary.id}?view=${name}"${current}>${TAB_LABELS[name]}</a>`;
    });
  return page(
    summary.subject || "(no subject)",
    `<p class="back"><a href="/">All mails</a></p>
<h1>${escapeMarkup(summary.subject || "(no subject)")}</h1>
<p class="when">${time(summary.at)} ${marks({ ...summary, attachments: 0 })}</p>
<dl>${facts.map(([name = "", value = ""]) => `<div><dt>${name}</dt><dd>${escapeMarkup(value)}</dd></div>`).join("")}</dl>
${files(summary.id, mail)}
<nav aria-label="Views">${tabs.join("")}<a href="/mails/${summary.id}/raw">Source</a></nav>
${content(summary.id, mail, view)}`,
  );
}

const TAB_LABELS: Readonly<Record<MailView, string>> = { html: "HTML", text: "Text", headers: "Headers" };

function named(name: string, address: string): string {
  return name === "" ? address : `${name} <${address}>`;
}

function files(id: string, mail: Email): string {
  if (mail.attachments.length === 0) return "";
  const items = mail.attachments.map(
    ({ filename, mimeType }, index) =>
      `<li><a href="/mails/${id}/attachments/${index}">${escapeMarkup(filename ?? `attachment ${index + 1}`)}</a> ${escapeMarkup(mimeType)}</li>`,
  );
  return `<ul class="files">${items.join("")}</ul>`;
}

function content(id: string, mail: Email, view: MailView): string {
  if (view === "html") {
    return `<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mails/${id}/html"></iframe>`;
  }
  if (view === "text") return `<pre>${escapeMarkup(mail.text ?? "This mail has no text part.")}</pre>`;
  return `<pre>${mail.headers.map(({ key, value }) => `${escapeMarkup(key)}: ${escapeMarkup(value)}`).join("\n")}</pre>`;
}

export function notFoundPage(): string {
  return page("Not found", `<h1>Not found</h1><p>There is no such mail. <a href="/">All mails</a></p>`);
}

function page(title: string, main: string): string {
  return htmlDocument({ title, style: STYLE, banner: BANNER, main });
}
