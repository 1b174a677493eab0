import { expect, test } from "bun:test";
import { authPaths, type Endpoint, type EndpointId, endpointById, endpoints, problemsOf } from "@stoa/contract";
import { samples } from "@stoa/contract/samples";
import type { ProblemCode } from "@stoa/kernel";
import { type Customer, type Staff, signUp } from "./people.ts";
import type { Answered, Asked, Recorder } from "./recorder.ts";
import type { ShopUnderTest } from "./shop.ts";

export interface Given {
  readonly shop: ShopUnderTest;
  readonly recorder: Recorder;
  readonly customer: Customer;
  readonly owner: Staff;
}

/** For endpoints that take a key: a body that differs from the sample's and is as good. */
const otherBodies: Partial<Record<EndpointId, unknown>> = {
  "carts.create": { currency: "USD" },
  "carts.items.add": { sku: "A", quantity: 2 },
  "carts.promotions.apply": { code: "AUTUMN" },
  "carts.giftCards.apply": { code: "EEEEE-FFFFF-GGGGG-HHHHH" },
  "carts.storeCredit.use": {},
  "carts.checkout": { payment: { provider: "manual" } },
  "orders.returns.create": { items: [{ sku: "A", quantity: 2, reason: "too small" }] },
  "paymentLinks.pay": { payment: { provider: "manual" } },
};

function answering(code: ProblemCode): EndpointId[] {
  return endpoints.filter((one) => problemsOf(one).includes(code)).map((one) => one.id);
}

const endsSessions = (path: string) => /^\/(?:sign-out|revoke)/.test(path);

function urlOf(id: EndpointId, query = samples[id].query): string {
  return query === undefined ? samples[id].path : `${samples[id].path}?${query}`;
}

/** What holds for all endpoints alike, asked of each with its sample. */
export function describeEverywhere(given: () => Given): void {
  test("every path of the account's door that is promised is there, and does something", async () => {
    const { shop } = given();
    const { bearer } = await signUp(shop);
    const headers = { ...bearer, origin: shop.stack.env.PUBLIC_URL ?? "", "content-type": "application/json" };
    // What ends the session comes last.
    const paths = authPaths.toSorted((a, b) => Number(endsSessions(a.path)) - Number(endsSessions(b.path)));
    for (const { method, path } of paths) {
      const body = method === "GET" ? {} : { body: JSON.stringify({ newEmail: "another@example.com" }) };
      const url = `${shop.edgeUrl}/v1/auth${path.replaceAll(/\{\w+\}/g, "x")}`;
      const answer = await fetch(url, { method, headers, redirect: "manual", ...body });
      expect([path, answer.status === 404, /DISABLED/.test(await answer.text())]).toEqual([path, false, false]);
    }
  });

  const ask = (edgeUrl: string, id: EndpointId, change: Partial<Asked> = {}): Promise<Answered> => {
    const { recorder, customer } = given();
    const headers = { ...customer.bearer, "idempotency-key": crypto.randomUUID(), ...change.headers };
    const body = change.raw === undefined ? { body: samples[id].body } : {};
    return recorder.ask(edgeUrl, id, { path: urlOf(id), ...body, ...change, headers });
  };
  const expectCode = async (answer: Promise<Answered>, id: EndpointId, code: ProblemCode) =>
    expect([id, (await answer).body?.code]).toEqual([id, code]);

  describeDoor(given, ask, expectCode);
  describeTroubles(given, ask, expectCode);
}

type Ask = (edgeUrl: string, id: EndpointId, change?: Partial<Asked>) => Promise<Answered>;
type ExpectCode = (answer: Promise<Answered>, id: EndpointId, code: ProblemCode) => Promise<void>;

/** What is refused before anybody behind edge is asked. */
function describeDoor(given: () => Given, ask: Ask, expectCode: ExpectCode): void {
  const refused = (code: ProblemCode, asked: (id: EndpointId) => Partial<Asked>) => async () => {
    for (const id of answering(code)) await expectCode(ask(given().shop.edgeUrl, id, asked(id)), id, code);
  };

  test(
    "validation_failed: a URL longer than any of ours",
    refused("validation_failed", (id) => ({ path: urlOf(id, `${samples[id].query ?? ""}&long=${"x".repeat(8_200)}`) })),
  );
  test(
    "malformed_json",
    refused("malformed_json", () => ({ raw: '{"a":' })),
  );
  test(
    "payload_too_large",
    refused("payload_too_large", () => ({ raw: JSON.stringify({ text: "x".repeat(256 * 1_024) }) })),
  );
  test(
    "unauthenticated: a key that is none",
    refused("unauthenticated", () => ({ headers: { "x-publishable-key": `pk_${"x".repeat(43)}` } })),
  );
  test("unauthenticated: nobody, where a customer is needed", async () => {
    const customers = endpoints.filter((one) => one.auth === "customer").map((one) => one.id);
    for (const id of customers) {
      await expectCode(
        ask(given().shop.edgeUrl, id, { headers: { authorization: "Bearer nobody-at-all-12345" } }),
        id,
        "unauthenticated",
      );
    }
  });
  test("forbidden: a machine's key without the right, and a page of somebody else's with the shopper's cookie", async () => {
    const { shop, owner, customer } = given();
    const key = await owner<{ key: string }>("users.apiKeys.create", {
      kind: "secret",
      name: "contract",
      scopes: ["orders:read"],
    });
    for (const id of answering("forbidden")) {
      const machine = { headers: { authorization: `Bearer ${key.key}` } };
      await eventuallyCode(() => ask(shop.edgeUrl, id, machine), "forbidden");
      const endpoint: Endpoint = endpointById(id);
      if (endpoint.auth === "none" || endpoint.method === "GET") continue;
      const { body } = samples[id];
      const elsewhere = { path: urlOf(id), body, headers: customer.fromElsewhere };
      await expectCode(given().recorder.ask(shop.edgeUrl, id, elsewhere), id, "forbidden");
    }
  });
  test("idempotency_key_required", async () => {
    for (const id of answering("idempotency_key_required")) {
      const asked = { path: urlOf(id), body: samples[id].body, headers: given().customer.bearer };
      await expectCode(given().recorder.ask(given().shop.edgeUrl, id, asked), id, "idempotency_key_required");
    }
  });
  test("rate_limited: the second call of a minute, where one is allowed", async () => {
    let host = 0;
    for (const id of answering("rate_limited")) {
      host += 1;
      const headers = { "x-forwarded-for": `203.0.113.${host}`, authorization: "" };
      const asked = { path: urlOf(id), body: samples[id].body, headers };
      const { recorder, shop } = given();
      await recorder.ask(shop.limitedUrl, id, asked);
      await expectCode(recorder.ask(shop.limitedUrl, id, asked), id, "rate_limited");
    }
  });
}

/** An edge hears of a new key a moment after it was made. */
async function eventuallyCode(ask: () => Promise<Answered>, code: ProblemCode): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { body } = await ask();
    if (body?.code === code) return;
    if (Date.now() > deadline) throw new Error(`still ${body?.code} and not ${code}`);
    await Bun.sleep(50);
  }
}

/** What comes of what stands behind edge. */
function describeTroubles(given: () => Given, ask: Ask, expectCode: ExpectCode): void {
  test("service_unavailable: nothing behind edge answers", async () => {
    for (const id of answering("service_unavailable")) {
      const asked = { path: urlOf(id), body: samples[id].body, headers: { "idempotency-key": "k" } };
      const signedIn = { ...asked, headers: { ...asked.headers, ...given().customer.bearer } };
      const needs = endpointById(id).auth === "customer" ? signedIn : asked;
      await expectCode(given().recorder.ask(given().shop.lonelyUrl, id, needs), id, "service_unavailable");
    }
  });
  test("internal_error: what nobody has foreseen, told without a word of it", async () => {
    const { shop } = given();
    shop.core.refuseWith("internal_error");
    for (const id of answering("internal_error")) {
      const isCatalog = endpointById(id).tag === "catalog";
      const answer = isCatalog ? given().recorder.ask(shop.oddUrl, id, { path: urlOf(id) }) : ask(shop.scriptedUrl, id);
      await expectCode(answer, id, "internal_error");
      expect((await answer).text).not.toMatch(/scripted|TypeError|undefined|at \//);
    }
  });
  test("request_in_progress and idempotency_key_reused: a key whose first call is still under way", async () => {
    const { shop } = given();
    shop.core.refuseWith("internal_error");
    for (const id of answering("request_in_progress")) {
      const headers = { "idempotency-key": crypto.randomUUID() };
      const { came, release } = shop.core.hold();
      const first = ask(shop.scriptedUrl, id, { headers });
      await came;
      await expectCode(ask(shop.scriptedUrl, id, { headers }), id, "request_in_progress");
      if (answering("idempotency_key_reused").includes(id)) {
        const body = otherBodies[id] ?? { ...samples[id].body, name: "Somebody Else" };
        await expectCode(ask(shop.scriptedUrl, id, { headers, body }), id, "idempotency_key_reused");
      }
      release();
      await first;
    }
  });
  test("whatever core refuses, edge passes on with its status", async () => {
    const { shop } = given();
    for (const endpoint of endpoints as readonly Endpoint[]) {
      if (endpoint.tag === "system" || endpoint.tag === "catalog") continue;
      const id = endpoint.id as EndpointId;
      for (const code of endpoint.problems) {
        shop.core.refuseWith(code);
        await expectCode(ask(shop.scriptedUrl, id), id, code);
      }
    }
  });
}
