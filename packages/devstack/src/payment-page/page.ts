import { createHash } from "node:crypto";
import { escapeMarkup } from "@stoa/kernel";
import { htmlDocument } from "../stand-in/html.ts";
import { STYLE } from "./style.ts";

/** What the shopper answers on the page. */
export type Decision = "pay" | "decline" | "cancel";

export interface ApprovalPage {
  /** Whose page it stands in for, e.g. "Stripe" or "PayPal". */
  readonly provider: string;
  /** What is being asked, e.g. "Confirm that it is you". */
  readonly heading: string;
  readonly merchant: string;
  /** As a person reads it, e.g. "59.90 EUR". */
  readonly amount: string;
  readonly reference: string;
  /** Path that the form posts `decision` to. */
  readonly action: string;
  /** What declining does, in a few words. */
  readonly declineHint: string;
  /** Where the answer may lead; the browser is allowed to follow the form there. */
  readonly returnUrls: readonly (string | null)[];
}

export interface NoticePage {
  readonly provider: string;
  readonly heading: string;
  readonly text: string;
  /** Where to go from here, if anywhere. */
  readonly link: { readonly url: string; readonly label: string } | null;
}

export interface HtmlPage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const BANNER =
  '<header class="banner">This is a test page of the local shop. No money moves and no card is charged.</header>';

const styleHash = createHash("sha256").update(STYLE).digest("base64");

/** The page with Pay, Decline and Cancel. It works without script: each button posts the form. */
export function approvalPage(page: ApprovalPage): HtmlPage {
  const main = `
<p class="provider">${escapeMarkup(page.provider)} <span>test payment</span></p>
<h1>${escapeMarkup(page.heading)}</h1>
<dl>
<div><dt>Pay to</dt><dd>${escapeMarkup(page.merchant)}</dd></div>
<div><dt>Order</dt><dd>${escapeMarkup(page.reference)}</dd></div>
<div class="amount"><dt>Amount</dt><dd>${escapeMarkup(page.amount)}</dd></div>
</dl>
<form method="post" action="${escapeMarkup(page.action)}">
<button class="pay" name="decision" value="pay">Pay</button>
<button name="decision" value="decline" aria-describedby="decline-hint">Decline</button>
<button name="decision" value="cancel">Cancel</button>
<p id="decline-hint" class="hint">${escapeMarkup(page.declineHint)}</p>
</form>`;
  return htmlPage(`${page.provider} test payment`, main, page.returnUrls);
}

/** A page that only says something, e.g. that the payment is no longer waiting. */
export function noticePage(page: NoticePage): HtmlPage {
  const link =
    page.link === null ? "" : `<p><a href="${escapeMarkup(page.link.url)}">${escapeMarkup(page.link.label)}</a></p>`;
  const main = `
<p class="provider">${escapeMarkup(page.provider)} <span>test payment</span></p>
<h1>${escapeMarkup(page.heading)}</h1>
<p>${escapeMarkup(page.text)}</p>
${link}`;
  return htmlPage(`${page.provider} test payment`, main, []);
}

function htmlPage(title: string, main: string, returnUrls: readonly (string | null)[]): HtmlPage {
  // Chromium applies form-action to the redirect that answers the form too, so the way back must be allowed.
  const formTargets = ["'self'", ...new Set(returnUrls.flatMap(sourceOf))].join(" ");
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action ${formTargets}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
    body: htmlDocument({ title, style: STYLE, banner: BANNER, main }),
  };
}

/** The CSP source of a URL: its origin on the web, its scheme for an app's own links. */
function sourceOf(url: string | null): string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { protocol, origin } = new URL(url);
  return [protocol === "http:" || protocol === "https:" ? origin : protocol];
}

/** The decision in a posted form, or null when it holds none. */
export function decisionOf(formBody: string): Decision | null {
  const decision = new URLSearchParams(formBody).get("decision");
  return decision === "pay" || decision === "decline" || decision === "cancel" ? decision : null;
}

/** `url` with these query parameters, replacing those of the same name. Null when it is no URL to send a browser to. */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string | null {
  if (!isReturnUrl(url)) return null;
  const target = new URL(url);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return target.href;
}

const scriptingProtocols = new Set(["javascript:", "data:", "vbscript:", "blob:", "file:"]);

/** Whether a browser may be sent here: any absolute URL, an app's own scheme too, but none that runs as script. */
export function isReturnUrl(url: string): boolean {
  return URL.canParse(url) && !scriptingProtocols.has(new URL(url).protocol);
}
