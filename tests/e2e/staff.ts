import { type APIRequestContext, type Browser, type BrowserContextOptions, expect } from "@playwright/test";
import { started } from "./shopper.ts";

const adminUrl = process.env.STOA_ADMIN_URL ?? "http://127.0.0.1:3000";

let session: Promise<string> | null = null;

/** One session for all tests: the door allows few sign-ins a minute, as it should. */
function ownerCookies(request: APIRequestContext): Promise<string> {
  session ??= (async () => {
    const headers = { origin: adminUrl };
    const signedIn = await request.post(`${adminUrl}/auth/sign-in/email`, { data: started.owner, headers });
    expect(signedIn.status()).toBe(200);
    const cookies = signedIn.headersArray().filter(({ name }) => name.toLowerCase() === "set-cookie");
    return cookies.map(({ value }) => value.split(";")[0]).join("; ");
  })();
  return session;
}

/** Calls core as the dashboard does, as the shop's owner: procedures by name, each change under a key of its own. */
export async function asOwner(request: APIRequestContext) {
  const headers = { origin: adminUrl, cookie: await ownerCookies(request) };
  return {
    async change(procedure: string, input: unknown) {
      const key = { "idempotency-key": crypto.randomUUID() };
      const answer = await request.post(`${adminUrl}/trpc/${procedure}`, {
        data: input,
        headers: { ...headers, ...key },
      });
      expect([procedure, answer.status(), answer.ok() ? "" : await answer.text()]).toEqual([procedure, 200, ""]);
      return (await answer.json()).result.data;
    },
    async read(procedure: string, input?: unknown) {
      const params = input === undefined ? {} : { params: { input: JSON.stringify(input) } };
      const answer = await request.get(`${adminUrl}/trpc/${procedure}`, { ...params, headers });
      expect([procedure, answer.status(), answer.ok() ? "" : await answer.text()]).toEqual([procedure, 200, ""]);
      return (await answer.json()).result.data;
    },
  };
}

/** A browser in which the owner is signed in already. */
export async function asOwnerIn(browser: Browser, request: APIRequestContext, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const pairs = (await ownerCookies(request)).split("; ").map((pair) => pair.split("="));
  await context.addCookies(pairs.map(([name = "", ...value]) => ({ name, value: value.join("="), url: adminUrl })));
  return context;
}
