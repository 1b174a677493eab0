import { expect, test } from "bun:test";
import { type CustomerId, newId, Problem, systemClock } from "@stoa/kernel";
import { TRPCError } from "@trpc/server";
import { SignJWT } from "jose";
import { type Actor, refusalOf } from "../platform/rpc/index.ts";
import { createContext } from "./context.ts";

const SECRET = "x".repeat(32);
const ERASED = newId("cus");

function tokenFor(customerId: CustomerId): Promise<string> {
  const actor = { kind: "customer", customerId, userId: "u", email: "a@example.com", emailVerified: true };
  return new SignJWT({ actor })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setIssuer("stoa-edge")
    .setAudience("stoa-core")
    .sign(new TextEncoder().encode(SECRET));
}

const staff: Actor = {
  ...{ kind: "staff", staffId: "stf_01m8fpxjqceewv56t8z634d3rp", userId: "u", name: "Sam", email: "s@example.com" },
  ...{ roles: [], rights: new Set() },
} as never;

async function whoIs(headers: Readonly<Record<string, string>>): Promise<string> {
  const deps = {
    clock: systemClock,
    internalTokenSecret: SECRET,
    adminOrigin: "https://admin.shop.example",
    findStaff: async (given: Headers) => (given.has("cookie") ? staff : null),
    findMachine: async () => staff,
    isErased: async (id: CustomerId) => id === ERASED,
  };
  try {
    const request = new Request("http://core/uploads/images", { method: "POST", headers });
    return (await createContext(deps, request)).actor.kind;
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
}

test("with the session cookie only pages of the dashboard may call; a neighbour on the same site may not", async () => {
  const cookie = "stoa-staff.session_token=x";
  expect(await whoIs({ cookie, origin: "https://admin.shop.example" })).toBe("staff");
  expect(await whoIs({ cookie })).toBe("staff");
  for (const origin of ["https://blog.shop.example", "https://admin.shop.example.evil.example", "null"]) {
    expect([origin, await whoIs({ cookie, origin })]).toEqual([origin, "forbidden"]);
  }
  expect(await whoIs({ origin: "https://blog.shop.example" })).toBe("system");
  expect(await whoIs({ authorization: "Bearer sk_1", cookie, origin: "https://blog.shop.example" })).toBe("staff");
});

test("nobody speaks for a customer who has been erased", async () => {
  expect(await whoIs({ authorization: `Bearer ${await tokenFor(newId("cus"))}` })).toBe("customer");
  expect(await whoIs({ authorization: `Bearer ${await tokenFor(ERASED)}` })).toBe("unauthenticated");
});

test("a call in another form than JSON, or by another method, is the caller's mistake", () => {
  const codeOf = (code: TRPCError["code"]) => refusalOf(new TRPCError({ code })).code;
  expect(codeOf("UNSUPPORTED_MEDIA_TYPE")).toBe("malformed_json");
  expect(codeOf("METHOD_NOT_SUPPORTED")).toBe("not_found");
  expect(codeOf("INTERNAL_SERVER_ERROR")).toBe("internal_error");
});
