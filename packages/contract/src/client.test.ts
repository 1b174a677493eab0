import { expect, test } from "bun:test";
import { ApiProblem, createClient } from "./client.ts";

function clientWith(answer: (request: Request) => Response | Promise<Response>) {
  const seen: Request[] = [];
  const client = createClient({
    baseUrl: "https://shop.example",
    token: () => "session-token",
    fetch: async (request) => {
      seen.push(new Request(request));
      return answer(request);
    },
  });
  return { client, seen };
}

test("parameters are put into path and query, repeated and nested ones too", async () => {
  const { client, seen } = clientWith(() => Response.json({ items: [], nextCursor: null, total: 0 }));
  await client.call("products.list", { query: { limit: 5, inStock: true, attr: { color: ["red", "blue"] } } });
  expect(seen[0]?.url).toBe("https://shop.example/v1/products?limit=5&inStock=true&attr.color=red&attr.color=blue");
  await client.call("products.get", { params: { slug: "a/b ü" } });
  expect(seen[1]?.url).toBe("https://shop.example/v1/products/a%2Fb%20%C3%BC");
});

test("a body goes as JSON with its idempotency key and the caller's token", async () => {
  const { client, seen } = clientWith(() => Response.json({ id: "cart_1" }, { status: 201 }));
  const answer = await client.call("carts.create", { body: { currency: "EUR" }, idempotencyKey: "k-1" });
  expect(answer.status).toBe(201);
  expect(seen[0]?.headers.get("idempotency-key")).toBe("k-1");
  expect(seen[0]?.headers.get("authorization")).toBe("Bearer session-token");
  expect(await seen[0]?.json()).toEqual({ currency: "EUR" });
});

test("a refusal is thrown with its code and its extension members", async () => {
  const items = [{ sku: "A", requested: 2, available: 1 }];
  const { client } = clientWith(() =>
    Response.json(
      { code: "out_of_stock", detail: "Too few.", items },
      { status: 409, headers: { "content-type": "application/problem+json" } },
    ),
  );
  const error = await client.call("carts.create", { body: {} }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error).toMatchObject({ code: "out_of_stock", status: 409, message: "Too few.", body: { items } });
});

test("an answer that is no problem document is still a refusal", async () => {
  const { client } = clientWith(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  const error = await client.call("carts.create", { body: {} }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "service_unavailable", status: 502 });
});
