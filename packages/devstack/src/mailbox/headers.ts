import { createHash } from "node:crypto";
import { STYLE } from "./style.ts";

export type PageAnswer = Response;

const styleHash = createHash("sha256").update(STYLE).digest("base64");

const POLICIES = {
  /** Our own pages: one known style sheet, the mail's frame, and the search form. */
  own: `default-src 'none'; style-src 'sha256-${styleHash}'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  /** A mail's own markup: styles and inline images, no script, nothing fetched from anywhere. */
  mail: "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
} as const;

export function pageHeaders(kind: keyof typeof POLICIES): Record<string, string> {
  return { ...plainHeaders("text/html; charset=utf-8"), "content-security-policy": POLICIES[kind] };
}

export function plainHeaders(contentType: string): Record<string, string> {
  return {
    "content-type": contentType,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

export function isLocal(host: string | null): boolean {
  return host !== null && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
}
