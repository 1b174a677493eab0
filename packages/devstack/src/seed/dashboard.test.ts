import { afterAll, expect, test } from "bun:test";
import { z } from "zod";
import { openDashboard } from "./dashboard.ts";
import { ask } from "./http.ts";
import { owner } from "./staff.ts";

/** A core that knows one member of staff and one procedure, which doubles a number and refuses 13. */
const core = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/auth/sign-in/email") {
      const { password } = z.object({ password: z.string() }).parse(await request.json());
      if (password !== owner.password) return Response.json({ code: "INVALID" }, { status: 401 });
      return Response.json({}, { headers: { "set-cookie": "stoa-staff=1; HttpOnly" } });
    }
    if (request.headers.get("cookie") !== "stoa-staff=1") return new Response("who are you?", { status: 401 });
    const inputs = z.record(z.string(), z.number()).parse(await request.json());
    const answers = Object.values(inputs).map((value) =>
      value === 13 ? { error: { message: "unlucky" } } : { result: { data: value * 2 } },
    );
    return Response.json(answers, { status: answers.some((answer) => "error" in answer) ? 207 : 200 });
  },
});
afterAll(() => core.stop(true));

const door = { coreUrl: core.url.origin, adminUrl: "http://admin.test" };
const numbers = (values: readonly number[]) => values.map((value) => ({ step: `doubling ${value}`, input: value }));

test("many changes are answered in their order, over several calls", async () => {
  const dashboard = await openDashboard(door, owner);
  const values = Array.from({ length: 34 }, (_, index) => index + 100);
  expect(await dashboard.change("double", numbers(values), z.number())).toEqual(values.map((value) => value * 2));
});

test("of many changes the refused one is named, with what it was answered", async () => {
  const dashboard = await openDashboard(door, owner);
  await expect(dashboard.change("double", numbers([1, 2, 13, 4]), z.number())).rejects.toThrow(
    /^doubling 13 was answered 207: .*unlucky/,
  );
});

test("a wrong password is told as the sign-in that failed", async () => {
  const signIn = openDashboard(door, { ...owner, password: "something else" });
  await expect(signIn).rejects.toThrow(`signing in as ${owner.email} was answered 401`);
});

test("an answer of another shape, and nobody there, name the step", async () => {
  const url = `${door.coreUrl}/auth/sign-in/email`;
  const call = { step: "knocking", url, method: "POST", body: { password: owner.password } } as const;
  await expect(ask(call, z.object({ id: z.string() }))).rejects.toThrow(/^knocking: the answer is not as expected/);
  await expect(ask({ step: "knocking", url: "http://127.0.0.1:1/" }, z.unknown())).rejects.toThrow(
    "knocking: http://127.0.0.1:1 does not answer",
  );
});
