import { createHash } from "node:crypto";
import { authPaths, type Endpoint, endpoints, problemsOf } from "@stoa/contract";
import { escapeMarkup, problemCodes } from "@stoa/kernel";
import { z } from "zod";

const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1,h2{line-height:1.2}h2{margin-top:3rem;text-transform:capitalize}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;padding:.5rem 1rem}
summary{cursor:pointer}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:var(--soft);padding:.75rem;border-radius:.5rem;overflow:auto;max-height:24rem}
.method{display:inline-block;min-width:4.5rem;font-weight:700}table{border-collapse:collapse}
td,th{border-bottom:1px solid var(--line);padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top}
`;

/** For the page's Content-Security-Policy. */
export const docsStyleHash = `sha256-${createHash("sha256").update(style).digest("base64")}`;

const tags: readonly Endpoint["tag"][] = ["catalog", "carts", "checkout", "orders", "account", "system"];

/** The contract as one page without scripts and without anything from elsewhere. */
export function docsPage(): string {
  const sections = tags.map((tag) => section(tag)).join("");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stoa storefront API</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head><body>
<h1>Stoa storefront API</h1>
<p>Money is <code>{ amount, currency }</code>: an integer of minor units and an ISO 4217 code. Lists take <code>limit</code> and
<code>cursor</code>. Errors are <code>application/problem+json</code> with a stable <code>code</code>.
The same as data: <a href="/openapi.json">openapi.json</a>.</p>
${sections}${authSection()}${codesSection()}</body></html>`;
}

function section(tag: Endpoint["tag"]): string {
  const all: readonly Endpoint[] = endpoints;
  return `<h2>${tag}</h2>${all
    .filter((one) => one.tag === tag)
    .map(operation)
    .join("")}`;
}

function operation(one: Endpoint): string {
  const who = { none: "anybody", optional: "guest or customer", customer: "customer" }[one.auth];
  const key = one.idempotency === "none" ? "" : ` · Idempotency-Key ${one.idempotency}`;
  const answers = Object.entries(one.answers).map(
    ([status, { description, schema }]) =>
      `<p><b>${status}</b> ${escapeMarkup(description)}</p>${schemaBlock(schema, "output")}`,
  );
  return `<details id="${one.id}"><summary><span class="method">${one.method}</span><code>${escapeMarkup(one.path)}</code>
 ${escapeMarkup(one.summary)}</summary><p>${who}${key}</p>
${labelled("Query", one.query, "input")}${labelled("Body", one.body, "input")}${answers.join("")}
<p>Refusals: ${problemsOf(one)
    .map((code) => `<code>${code}</code>`)
    .join(" ")}</p></details>`;
}

function labelled(label: string, schema: z.ZodType | undefined, io: "input" | "output"): string {
  return schema ? `<p><b>${label}</b></p>${schemaBlock(schema, io)}` : "";
}

function schemaBlock(schema: z.ZodType | null, io: "input" | "output"): string {
  if (!schema) return "";
  const { $schema: _, ...node } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return `<pre>${escapeMarkup(JSON.stringify(node, null, 2))}</pre>`;
}

function authSection(): string {
  const rows = authPaths.map(
    ({ method, path, summary }) =>
      `<tr><td>${method}</td><td><code>/v1/auth${escapeMarkup(path)}</code></td><td>${escapeMarkup(summary)}</td></tr>`,
  );
  return `<h2>Sign-in</h2><table>${rows.join("")}</table>`;
}

function codesSection(): string {
  const rows = Object.entries(problemCodes).map(
    ([code, { status, title }]) =>
      `<tr><td>${status}</td><td><code>${code}</code></td><td>${escapeMarkup(title)}</td></tr>`,
  );
  return `<h2>Codes</h2><table>${rows.join("")}</table>`;
}
