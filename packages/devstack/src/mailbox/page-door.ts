import PostalMime, { type Email } from "postal-mime";
import { isLocal, type PageAnswer, pageHeaders, plainHeaders } from "./headers.ts";
import { listPage, type MailView, mailPage, notFoundPage } from "./pages.ts";
import type { MailStore, MailSummary } from "./store.ts";

const LIST_MAX = 200;

/** The page on which people look at the mails, and the same as JSON for tests. Without script, for this machine alone. */
export async function answerPage(store: MailStore, request: Request): Promise<PageAnswer> {
  // A page elsewhere must not read the mails by a name that it lets point to 127.0.0.1.
  if (!isLocal(request.headers.get("host")))
    return new Response("This mailbox is for 127.0.0.1 alone.", { status: 421 });
  const url = new URL(request.url);
  const to = url.searchParams.get("to") || null;
  const parts = url.pathname.split("/").filter((part) => part !== "");
  if (request.method === "DELETE" && url.pathname === "/api/mails") return cleared(store);
  if (request.method !== "GET") return new Response(null, { status: 405 });
  if (parts.length === 0) return html(listPage(store.list({ to, limit: LIST_MAX }), to));
  if (url.pathname === "/api/mails") return Response.json({ items: store.list({ to, limit: LIST_MAX }) });
  const [area, ...path] = parts[0] === "api" ? [`api ${parts[1]}`, ...parts.slice(2)] : parts;
  const found = store.find(path[0] ?? "");
  if (!found) return html(notFoundPage(), 404);
  const { raw, ...summary } = found;
  const mail = await PostalMime.parse(raw);
  if (area === "api mails") return Response.json(asJson(summary, mail));
  if (area !== "mails") return html(notFoundPage(), 404);
  return mailAnswer({ summary, mail, raw }, path.slice(1), url.searchParams.get("view"));
}

interface Opened {
  readonly summary: MailSummary;
  readonly mail: Email;
  readonly raw: Uint8Array;
}

function mailAnswer({ summary, mail, raw }: Opened, rest: readonly string[], view: string | null): PageAnswer {
  const [part, number] = rest;
  if (part === undefined) return html(mailPage({ summary, mail, view: viewOf(view, mail) }));
  if (part === "html" && mail.html) return new Response(withBase(mail.html), { headers: pageHeaders("mail") });
  if (part === "raw") return new Response(raw.slice(), { headers: plainHeaders("text/plain; charset=utf-8") });
  const attachment = part === "attachments" ? mail.attachments[Number(number)] : undefined;
  if (!attachment) return html(notFoundPage(), 404);
  const { content } = attachment;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
  const name = encodeURIComponent(attachment.filename ?? `attachment-${number}`);
  return new Response(bytes, {
    headers: {
      ...plainHeaders("application/octet-stream"),
      "content-disposition": `attachment; filename*=UTF-8''${name}`,
    },
  });
}

function viewOf(asked: string | null, mail: Email): MailView {
  if (asked === "html" || asked === "text" || asked === "headers") return asked;
  return mail.html ? "html" : "text";
}

/** Links of a mail open beside the mailbox, not inside its frame. */
function withBase(markup: string): string {
  return `<base target="_blank">${markup}`;
}

function asJson(summary: MailSummary, mail: Email) {
  const { text = null, html: markup = null, headers, attachments } = mail;
  return {
    ...summary,
    text,
    html: markup,
    headers: headers.map(({ key, value }) => ({ name: key, value })),
    files: attachments.map(({ filename, mimeType }, index) => ({ name: filename, mimeType, index })),
  };
}

function cleared(store: MailStore): PageAnswer {
  store.clear();
  return new Response(null, { status: 204 });
}

function html(body: string, status = 200): PageAnswer {
  return new Response(body, { status, headers: pageHeaders("own") });
}
