import { expect, test } from "@playwright/test";
import { started } from "./shopper.ts";
import { asOwner } from "./staff.ts";

test("a machine does what its key's scopes allow, through edge, until the key is revoked", async ({ request }) => {
  const owner = await asOwner(request);
  const made = await owner.change("users.apiKeys.create", { kind: "secret", name: "ERP", scopes: ["orders:read"] });
  const headers = { authorization: `Bearer ${made.key}` };
  const ask = (procedure: string, input: object = {}) =>
    request.get(`${started.edgeUrl}/trpc/${procedure}`, { headers, params: { input: JSON.stringify(input) } });
  await expect(async () => expect((await ask("orders.staff.list")).status()).toBe(200)).toPass();
  const refused = await ask("inventory.list");
  expect(refused.status()).toBe(403);
  expect((await refused.json()).error.data.problem.code).toBe("forbidden");
  expect((await request.get(`${started.edgeUrl}/v1/products`, { headers })).status()).toBe(403);

  await owner.change("users.apiKeys.revoke", { id: made.id });
  await expect(async () => expect((await ask("orders.staff.list")).status()).toBe(401)).toPass();
  const listed = await owner.read("users.apiKeys.list");
  const item = listed.items.find((one: { id: string }) => one.id === made.id);
  expect(item.revokedAt).not.toBeNull();
});

test("pages of a storefront may call as soon as it has a key", async ({ request }) => {
  const owner = await asOwner(request);
  const origin = `https://${crypto.randomUUID()}.example`;
  const ask = async () => {
    const answer = await request.get(`${started.edgeUrl}/v1/categories`, { headers: { origin } });
    return answer.headers()["access-control-allow-origin"];
  };
  expect(await ask()).toBeUndefined();
  await owner.change("users.apiKeys.create", { kind: "publishable", name: "Pop-up", origins: [origin] });
  await expect(async () => expect(await ask()).toBe(origin)).toPass();
});
