import { createHmac } from "node:crypto";
import { systemClock } from "@stoa/kernel";
import { silentLogger } from "@stoa/runtime";
import { z } from "zod";
import { testDatabase, testRedis } from "../../../testing/index.ts";
import {
  type AccountLink,
  addStaff,
  createShopAuth,
  createStaffAuth,
  type OnThrottled,
  type Throttled,
} from "../index.ts";

export const SHOP = "http://shop.test";
export const ADMIN = "http://admin.test";
export const PASSWORD = "correct horse battery";

/** Both doors on services of their own. */
export async function bothDoors(options: Partial<Parameters<typeof createShopAuth>[0]> = {}) {
  const [database, cache] = await Promise.all([testDatabase(), testRedis()]);
  const { db } = database;
  const { redis } = cache;
  const secret = "s".repeat(40);
  const mails: AccountLink[] = [];
  const throttled: Throttled[] = [];
  const onThrottled: OnThrottled = (one) => void throttled.push(one);
  const sendMail = async (link: AccountLink) => void mails.push(link);
  const shopAuth = createShopAuth({
    ...{ db, redis, secret, publicUrl: SHOP, sendMail },
    trustedOrigins: async () => [],
    identityProviders: { google: null, oidc: null },
    confirmFirst: false,
    throttled: onThrottled,
    logger: silentLogger,
    ...options,
  });
  const staffAuth = createStaffAuth({
    db,
    redis,
    secret,
    adminUrl: ADMIN,
    throttled: onThrottled,
    logger: silentLogger,
  });
  return {
    mails,
    throttled,
    deps: { db, redis, clock: systemClock, shopAuth, staffAuth },
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
export type Doors = Awaited<ReturnType<typeof bothDoors>>;

interface Auth {
  handler(request: Request): Promise<Response>;
}

let clients = 0;
function newAddress(): string {
  clients += 1;
  return `198.51.${clients >> 8}.${clients & 255}`;
}

/** A browser: it keeps its cookies, and has an address of its own unless told otherwise. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  constructor(
    readonly auth: Auth,
    readonly base: string,
    readonly address = newAddress(),
  ) {}

  get headers(): Headers {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return new Headers({
      "x-stoa-client-ip": this.address,
      origin: new URL(this.base).origin,
      ...(cookie === "" ? {} : { cookie }),
    });
  }

  async send(method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
    const { headers } = this;
    if (body !== undefined) headers.set("content-type", "application/json");
    const url = path.startsWith("http") ? path : this.base + path;
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await this.auth.handler(new Request(url, init));
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const at = pair.indexOf("=");
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === "" || /max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  post(path: string, body: unknown = {}): Promise<Response> {
    return this.send("POST", path, body);
  }
}

export const atShop = ({ deps }: Doors, address?: string) => new Browser(deps.shopAuth, `${SHOP}/v1/auth`, address);
export const atDashboard = ({ deps }: Doors) => new Browser(deps.staffAuth, `${ADMIN}/auth`);

/** A member of staff who has not signed in yet. */
export async function aMember(doors: Doors, roles: string[] = ["owner"]) {
  const email = `${crypto.randomUUID()}@example.com`;
  const admin = { kind: "system", name: "test" } as const;
  const id = await addStaff(doors.deps, { name: "Sam", email, password: PASSWORD, roles }, admin);
  return { id, email, credentials: { email, password: PASSWORD } };
}

const refusalSchema = z.object({ code: z.string() });

/** Status and better-auth's code of a refusal. */
export async function refusalIn(response: Response): Promise<[number, string]> {
  return [response.status, refusalSchema.parse(JSON.parse((await response.text()) || "{}")).code];
}

/** The code that an authenticator app shows at this moment for a secret out of an `otpauth:` URI (RFC 6238). */
export function totpOf(uri: string, now = Date.now()): string {
  const secret = decodeBase32(new URL(uri).searchParams.get("secret") ?? "");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac("sha1", secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, "0");
}

/** The code after that one, which is taken half a minute early: each opens the door once, the one that set the app up too. */
export function nextTotpOf(uri: string): string {
  return totpOf(uri, Date.now() + 30_000);
}

function decodeBase32(text: string): Buffer {
  const bits = [...text.replace(/=+$/, "")]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
