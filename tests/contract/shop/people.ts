import type { ShopUnderTest } from "./shop.ts";

type Headers = Readonly<Record<string, string>>;

const json = { "content-type": "application/json" };

export interface Customer {
  readonly email: string;
  readonly customerId: string;
  /** By the session's token. */
  readonly bearer: Headers;
  /** By the cookie, as a page of somebody else's would send it. */
  readonly fromElsewhere: Headers;
}

/** A customer of their own for each test. */
export async function signUp({ edgeUrl, stack }: ShopUnderTest): Promise<Customer> {
  const email = `${crypto.randomUUID()}@example.com`;
  const answer = await fetch(`${edgeUrl}/v1/auth/sign-up/email`, {
    method: "POST",
    headers: { ...json, origin: stack.env.PUBLIC_URL ?? "" },
    body: JSON.stringify({ name: "Ann Example", email, password: crypto.randomUUID() }),
  });
  const { token, user } = (await answer.json()) as { token: string; user: { customerId: string } };
  return {
    email,
    customerId: user.customerId,
    bearer: { authorization: `Bearer ${token}` },
    fromElsewhere: { cookie: cookieOf(answer), origin: "https://elsewhere.example" },
  };
}

/** What a member of staff does in the dashboard: a procedure by its name. */
export interface Staff {
  <T = Readonly<Record<string, string>>>(procedure: string, input: unknown): Promise<T>;
  /** The same for a query. */
  read<T>(procedure: string, input?: unknown): Promise<T>;
}

export async function signInOwner({
  stack,
  ownerSignIn,
}: Pick<ShopUnderTest, "stack" | "ownerSignIn">): Promise<Staff> {
  const origin = { origin: stack.env.ADMIN_URL ?? "" };
  const signedIn = await fetch(`${stack.urls.core}/auth/sign-in/email`, {
    method: "POST",
    headers: { ...json, ...origin },
    body: JSON.stringify(ownerSignIn),
  });
  const headers = { ...origin, cookie: cookieOf(signedIn) };
  const call = async <T>(procedure: string, query: string, request: RequestInit): Promise<T> => {
    const answer = await fetch(`${stack.urls.core}/trpc/${procedure}${query}`, request);
    if (!answer.ok) throw new Error(`${procedure} was answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { result: { data: T } }).result.data;
  };
  const change = <T>(procedure: string, input: unknown) =>
    call<T>(procedure, "", {
      method: "POST",
      headers: { ...json, ...headers, "idempotency-key": crypto.randomUUID() },
      body: JSON.stringify(input),
    });
  const read = <T>(procedure: string, input?: unknown) => {
    const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return call<T>(procedure, query, { headers });
  };
  return Object.assign(change, { read });
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}
