import { z } from "zod";
import { ask, type Call, send } from "./http.ts";

export interface Address {
  readonly name: string;
  readonly line1: string;
  readonly city: string;
  readonly region?: string;
  readonly postalCode: string;
  readonly country: string;
}

export interface CustomerSeed {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly address: Address;
}

export const customers = {
  ada: {
    name: "Ada Lovelace",
    email: "ada@example.com",
    password: "stoa-demo-ada",
    address: {
      name: "Ada Lovelace",
      line1: "12 St James's Square",
      city: "London",
      postalCode: "SW1Y 4JH",
      country: "GB",
    },
  },
  grace: {
    name: "Grace Hopper",
    email: "grace@example.com",
    password: "stoa-demo-grace",
    address: {
      name: "Grace Hopper",
      line1: "400 Compiler Way",
      city: "Arlington",
      region: "VA",
      postalCode: "22202",
      country: "US",
    },
  },
  linus: {
    name: "Linus Lehtonen",
    email: "linus@example.com",
    password: "stoa-demo-linus",
    address: {
      name: "Linus Lehtonen",
      line1: "Mannerheimintie 5",
      city: "Helsinki",
      postalCode: "00100",
      country: "FI",
    },
  },
} as const satisfies Readonly<Record<string, CustomerSeed>>;

export type CustomerName = keyof typeof customers;

const session = z.object({ token: z.string().min(1) });

/** Signs a customer up at the shop's door and saves their address. Answers the token of their session. */
export async function signUp(edgeUrl: string, publicUrl: string, customer: CustomerSeed): Promise<string> {
  const { email, password, address } = customer;
  const step = `signing up ${email}`;
  const byEmail = (door: "sign-up" | "sign-in", body: unknown): Call => {
    return { step, url: `${edgeUrl}/v1/auth/${door}/email`, method: "POST", headers: { origin: publicUrl }, body };
  };
  const signedUp = session.safeParse((await send(byEmail("sign-up", { name: customer.name, email, password }))).body);
  // A door that was too busy to answer in time may have let them in all the same, and does so only once.
  const { token } = signedUp.success ? signedUp.data : await ask(byEmail("sign-in", { email, password }), session);
  await ask(
    {
      step: `saving the address of ${email}`,
      url: `${edgeUrl}/v1/me/addresses`,
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: address,
    },
    z.unknown(),
  );
  return token;
}
