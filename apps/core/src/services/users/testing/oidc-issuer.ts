import { createServer } from "node:http";
import { freePort } from "@stoa/devstack";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";
import { z } from "zod";

export const CLIENT = { clientId: "stoa", clientSecret: "a secret of the shop's client" };

export interface Person {
  readonly email: string;
  readonly emailVerified: boolean;
}

/** A real OpenID Connect provider on this machine, at which whoever comes signs in as the given person at once. */
export async function anIssuer(redirectUri: string) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const people = new Map<string, Person>();
  const provider = new Provider(url, {
    clients: [{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "k1" }] },
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    findAccount: (_, id) => {
      const person = people.get(id);
      if (!person) return undefined;
      const { email, emailVerified } = person;
      return { accountId: id, claims: async () => ({ sub: id, email, email_verified: emailVerified, name: "Ada" }) };
    },
  });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url,
    /** Signs in at the provider as its form says, and answers where it sends the browser back to. */
    async visit(authorizationUrl: string, id: string, person: Person): Promise<string> {
      people.set(id, person);
      return walk(url, authorizationUrl, id);
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Follows redirects and answers the provider's own two pages: who are you, and may the shop know? */
async function walk(base: string, start: string, id: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next: { readonly url: string; readonly form?: Record<string, string> } = { url: start };
  for (let step = 0; step < 15; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(next.url, {
      redirect: "manual",
      headers: { cookie },
      ...(next.form ? { method: "POST", body: new URLSearchParams(next.form) } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    if (location === null) next = answerTo(base, await response.text(), id);
    else if (location.startsWith(base) || location.startsWith("/")) next = { url: new URL(location, base).href };
    else return location;
  }
  throw new Error("the provider sends its visitor in circles");
}

function answerTo(base: string, page: string, id: string) {
  const action = z.string().parse(/action="([^"]+)"/.exec(page)?.[1]);
  const prompt = z.string().parse(/name="prompt" value="([^"]+)"/.exec(page)?.[1]);
  const form = prompt === "login" ? { prompt, login: id, password: "any" } : { prompt };
  return { url: new URL(action, base).href, form };
}
