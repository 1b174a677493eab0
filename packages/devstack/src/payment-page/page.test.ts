import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { approvalPage, isReturnUrl, noticePage, withParameters } from "./page.ts";

const hostile = `"><script>alert('1')</script>&`;
const page = approvalPage({
  provider: hostile,
  heading: hostile,
  merchant: hostile,
  amount: hostile,
  reference: hostile,
  action: `/pay?x=${hostile}`,
  declineHint: hostile,
  returnUrls: ["https://shop.example/a?b=c", "https://shop.example/cart", "shop-app://back", null, "not a url"],
});

test("nothing that a shop passes in becomes markup", () => {
  expect(page.body).not.toContain("<script");
  expect(page.body).not.toContain("alert('1')");
  expect(page.body.match(/&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(7);
  const notice = noticePage({ provider: "X", heading: hostile, text: hostile, link: { url: hostile, label: hostile } });
  expect(notice.body).not.toContain("<script");
});

test("the policy allows this style sheet, the form and the ways back, and nothing else", () => {
  const style = /<style>([\s\S]*)<\/style>/.exec(page.body)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(page.headers["content-security-policy"]).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' https://shop.example shop-app:; base-uri 'none'; frame-ancestors 'none'`,
  );
});

test("a way back keeps its own parameters and never runs script", () => {
  expect(withParameters("https://shop.example/a?lang=en#top", { token: "T 1" })).toBe(
    "https://shop.example/a?lang=en&token=T+1#top",
  );
  for (const url of ["javascript:alert(1)", "data:text/html,x", "/relative", ""]) {
    expect(isReturnUrl(url)).toBe(false);
    expect(withParameters(url, {})).toBeNull();
  }
});
