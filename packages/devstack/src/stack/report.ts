import type { DemoShop } from "./demo-shop.ts";
import type { Stack } from "./index.ts";
import type { StackServiceName } from "./names.ts";

const PAGE_LABELS: Readonly<Partial<Record<StackServiceName, string>>> = { mail: "Mailbox" };

/** What `npm start` prints when everything is ready. */
export function startReport(stack: Stack, shop: DemoShop, { faults }: { faults: boolean }): string {
  const { urls } = stack;
  const sections = [
    table([
      ["Storefront API", urls.edge, `${urls.edge}/docs`],
      ["Dashboard", urls.admin, ""],
      ["Core (private)", urls.core, ""],
      ...stack.services.flatMap(({ name, pageUrl }) =>
        pageUrl === null ? [] : [[PAGE_LABELS[name] ?? name, pageUrl, ""]],
      ),
    ]),
    table([
      ["Service", "Runs as", "Address"],
      ...stack.services.map(({ name, rung, description, url }) => [
        name,
        rung === "url" ? "hosted, by URL" : `${rung === "binary" ? "program" : "built in"}: ${description}`,
        withoutPassword(url),
      ]),
    ]),
    shop.signIns.length === 0
      ? ""
      : table([
          ["Sign in as", "E-mail", "Password"],
          ...shop.signIns.map(({ role, email, password }) => [role, email, password]),
        ]),
    shop.sampleSku === null ? "" : `Place an order:\n\n${orderCommands(urls.edge, shop.sampleSku)}`,
    faults ? faultCommands(stack) : "",
    `Data is in ${stack.dataDir}, logs in ${stack.dataDir}/logs. Ctrl-C stops everything.`,
  ];
  return `\n${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** Four commands that fill a cart, choose a shipping method and check out with a test card. */
function orderCommands(edgeUrl: string, sku: string): string {
  const json = "-H 'content-type: application/json'";
  const items = JSON.stringify({ items: [{ sku, quantity: 1 }] });
  const buyer = JSON.stringify({
    email: "ada@example.com",
    shippingAddress: {
      name: "Ada Lovelace",
      line1: "1 Main Street",
      city: "Portland",
      region: "OR",
      postalCode: "97201",
      country: "US",
    },
  });
  const payment = '{"shippingMethod":"\'$SHIP\'","payment":{"provider":"stripe","paymentMethod":"pm_card_visa"}}';
  return [
    `  CART=$(curl -s ${edgeUrl}/v1/carts ${json} -d '${items}' | grep -o 'cart_[A-Za-z0-9_-]*' | head -1)`,
    `  curl -s -o /dev/null -X PATCH ${edgeUrl}/v1/carts/$CART ${json} -d '${buyer}'`,
    `  SHIP=$(curl -s ${edgeUrl}/v1/carts/$CART/shipping-methods | sed 's/.*"items":\\[{"id":"\\([^"]*\\)".*/\\1/')`,
    `  curl -s ${edgeUrl}/v1/carts/$CART/checkout ${json} -H "idempotency-key: $CART" -d '${payment}'`,
  ].join("\n");
}

/** A rule to begin with and how to clear it, for a payment stand-in; a hosted provider has no such knobs. */
function faultCommands(stack: Stack): string {
  const stripe = stack.services.find(({ name, rung }) => name === "stripe" && rung === "embedded");
  if (stripe === undefined) return "";
  const slow = { operation: "payment_intents.confirm", action: { kind: "delay", delayMs: 5_000 }, times: 1 };
  return [
    "Let the next payment by card take 5 seconds, and clear all rules (docs/guide/payment-stand-ins.md has more):\n",
    `  curl -s ${stripe.url}/_stoa/faults -d '${JSON.stringify(slow)}'`,
    `  curl -s -X DELETE ${stripe.url}/_stoa/faults`,
  ].join("\n");
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("   ")
          .trimEnd()}`,
    )
    .join("\n");
}

/** The terminal and whoever looks at it need not see it; it is in `secrets.json`. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:/@]*):[^@/]*@/, "//$1:…@");
}
