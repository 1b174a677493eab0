import { expect } from "bun:test";
import { z } from "zod";
import type { CustomerActor } from "../../../platform/rpc/index.ts";
import { findSession } from "../find-session.ts";
import { type Doors, PASSWORD, SHOP } from "./doors.ts";

interface Auth {
  handler(request: Request): Promise<Response>;
}

export function post(auth: Auth, url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      origin: new URL(url).origin,
      "x-stoa-client-ip": "203.0.113.7",
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return auth.handler(request);
}

const signedInSchema = z.object({ token: z.string() });
export const tokenOf = async (response: Response) => signedInSchema.parse(await response.json()).token;

export const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

/** A customer who has just signed up, and is signed in. */
export async function aShopper({ deps }: Doors) {
  const email = `${crypto.randomUUID()}@example.com`;
  const response = await post(deps.shopAuth, `${SHOP}/v1/auth/sign-up/email`, {
    email,
    password: PASSWORD,
    name: "Ada",
  });
  expect(response.status).toBe(200);
  const token = await tokenOf(response);
  const found = await findSession(deps, token);
  if (!found) throw new Error("no session");
  const actor: CustomerActor = { kind: "customer", ...found };
  return { email, token, actor, cookie: cookieOf(response) };
}

let clients = 0;
/** Rate limits of other tests' clients do not count for this one. */
export function anotherClient(): Record<string, string> {
  clients += 1;
  return { "x-stoa-client-ip": `198.51.100.${clients}` };
}
