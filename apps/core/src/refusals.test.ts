import { expect, test } from "bun:test";
import { isProblemCode, newId, type ProblemCode, problem, problemCodes, systemClock } from "@stoa/kernel";
import { noMetrics } from "@stoa/runtime";
import { getStatusCodeFromKey, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/unstable-core-do-not-import";
import { SignJWT } from "jose";
import { z } from "zod";
import { createHttp, type HttpDeps } from "./http.ts";
import { anyStaffProcedure, router, type StaffActor } from "./platform/rpc/index.ts";

const SECRET = "s".repeat(32);
const staff: StaffActor = {
  ...{ kind: "staff", staffId: newId("stf"), userId: "u", name: "Sam", email: "sam@example.com" },
  ...{ roles: [], rights: new Set() },
};
const codes = Object.keys(problemCodes).filter(isProblemCode);

const calls = router({
  refuse: anyStaffProcedure.input(z.strictObject({ code: z.enum(codes) })).mutation(({ input }) => {
    throw problem(input.code);
  }),
  loseStore: anyStaffProcedure.mutation(() => {
    throw new Error("Failed query", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
  }),
  stumble: anyStaffProcedure.mutation(() => {
    throw new TypeError("a secret of ours");
  }),
});

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const door = createHttp({
  ...{ isWeb: true, router: calls, clock: systemClock, logger: silent, metrics: noMetrics },
  ...{ internalTokenSecret: SECRET, adminOrigin: "https://admin.example", isErased: async () => false },
  departure: { hasBegun: false },
  findStaff: async () => null,
  findMachine: async (key: string) => {
    const code = key.slice("sk_".length);
    if (isProblemCode(code)) throw problem(code);
    return code === "staff" ? staff : null;
  },
  webhooks: {},
} as unknown as HttpDeps);

const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    code: z.int(),
    data: z.object({
      code: z.enum(Object.keys(TRPC_ERROR_CODES_BY_KEY) as (keyof typeof TRPC_ERROR_CODES_BY_KEY)[]),
      httpStatus: z.int(),
      problem: z.object({ code: z.string() }),
    }),
  }),
});

/** The problem of an answer in which the status, the names and the numbers agree. */
async function refusalOf(path: string, init: RequestInit = {}): Promise<string> {
  const headers = { authorization: "Bearer sk_staff", "content-type": "application/json", ...init.headers };
  const answer = await door.handle(new Request(`http://core/trpc/${path}`, { method: "POST", ...init, headers }));
  const { error } = errorSchema.parse(await answer.json());
  const { code, httpStatus, problem: refused } = error.data;
  const statuses = [answer.status, httpStatus, getStatusCodeFromKey(code)];
  const status = isProblemCode(refused.code) ? problemCodes[refused.code].status : 0;
  expect([refused.code, ...statuses]).toEqual([refused.code, status, status, status]);
  expect([refused.code, error.code]).toEqual([refused.code, TRPC_ERROR_CODES_BY_KEY[code]]);
  expect(error.message).not.toContain("secret");
  return refused.code;
}

const tokenFor = (actor: object) =>
  new SignJWT({ actor })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setIssuer("stoa-edge")
    .setAudience("stoa-core")
    .sign(new TextEncoder().encode(SECRET));

test("status, tRPC code and problem agree for every refusal, of a procedure and of the door before it", async () => {
  const refused: ProblemCode[] = [];
  for (const code of codes) {
    const body = JSON.stringify({ code });
    expect(await refusalOf("refuse", { body })).toBe(code);
    expect(await refusalOf("refuse", { body, headers: { authorization: `Bearer sk_${code}` } })).toBe(code);
    refused.push(code);
  }
  expect(refused).toEqual(codes);
});

test("they agree as well for what no procedure has said", async () => {
  const body = JSON.stringify({ code: "not_found" });
  expect(await refusalOf("refuse", { body: JSON.stringify({ code: "nonsense" }) })).toBe("validation_failed");
  expect(await refusalOf("refuse", { body: "{" })).toBe("malformed_json");
  expect(await refusalOf("refuse", { body, headers: { "content-type": "text/plain" } })).toBe("malformed_json");
  expect(await refusalOf("nowhere", { body })).toBe("not_found");
  expect(await refusalOf("refuse", { method: "GET" })).toBe("not_found");
  expect(await refusalOf("refuse", { body: JSON.stringify("x".repeat(1_100_000)) })).toBe("payload_too_large");
  expect(await refusalOf("loseStore")).toBe("service_unavailable");
  expect(await refusalOf("stumble")).toBe("internal_error");
});

test("a shopper, a token that is nobody's, and nobody are told to sign in", async () => {
  const customer = { customerId: newId("cus"), userId: "u", email: "a@example.com", emailVerified: true };
  const tokens = [
    await tokenFor({ kind: "guest" }),
    await tokenFor({ kind: "customer", ...customer }),
    "x.y.z",
    "sk_none",
  ];
  const body = JSON.stringify({ code: "not_found" });
  for (const token of [...tokens.map((one) => `Bearer ${one}`), "Basic x"]) {
    expect(await refusalOf("refuse", { body, headers: { authorization: token } })).toBe("unauthenticated");
  }
});
