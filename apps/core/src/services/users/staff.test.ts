import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SESSION_KEY_PREFIX } from "@stoa/read-models";
import { z } from "zod";
import { rights } from "../../platform/rpc/index.ts";
import { addStaff, findStaff } from "./index.ts";
import { staffRole } from "./tables.ts";
import { ADMIN, aMember, atDashboard, atShop, bothDoors, type Doors, PASSWORD, SHOP, totpOf } from "./testing/doors.ts";
import { aShopper, cookieOf, post } from "./testing/shoppers.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

describe("staff", () => {
  const admin = { kind: "system", name: "test" } as const;
  const aStaffMember = async (roles: string[]) => {
    const email = `${crypto.randomUUID()}@example.com`;
    await addStaff(doors.deps, { name: "Sam", email, password: PASSWORD, roles }, admin);
    const response = await post(doors.deps.staffAuth, `${ADMIN}/auth/sign-in/email`, { email, password: PASSWORD });
    expect(response.status).toBe(200);
    return { email, headers: new Headers({ cookie: cookieOf(response) }) };
  };

  test("sign in at their own door and hold the rights of their roles", async () => {
    const { headers } = await aStaffMember(["warehouse", "support"]);
    const member = await findStaff(doors.deps, headers);
    expect(member?.rights.has("inventory:write")).toBe(true);
    expect(member?.rights.has("orders:write")).toBe(true);
    expect(member?.rights.has("staff:write")).toBe(false);
  });

  test("cannot register themselves, and a shopper's session opens nothing", async () => {
    const body = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD, name: "Eve" };
    expect((await post(doors.deps.staffAuth, `${ADMIN}/auth/sign-up/email`, body)).status).toBe(400);
    const { cookie } = await aShopper(doors);
    expect(await findStaff(doors.deps, new Headers({ cookie }))).toBeNull();
    const disguised = cookie.replaceAll("stoa.", "stoa-staff.");
    expect(await findStaff(doors.deps, new Headers({ cookie: disguised }))).toBeNull();
  });

  test("a signed-in person who is no staff member gets nothing", async () => {
    const { email } = await aShopper(doors);
    const response = await post(doors.deps.staffAuth, `${ADMIN}/auth/sign-in/email`, { email, password: PASSWORD });
    expect(await findStaff(doors.deps, new Headers({ cookie: cookieOf(response) }))).toBeNull();
  });

  test("keep nothing of whoever registered their address before and never confirmed it", async () => {
    const squatter = await aShopper(doors);
    const { email } = squatter;
    const enrolling = await post(
      doors.deps.shopAuth,
      `${SHOP}/v1/auth/two-factor/enable`,
      { password: PASSWORD },
      { cookie: squatter.cookie },
    );
    const { totpURI } = z.object({ totpURI: z.string() }).parse(await enrolling.json());
    const code = totpOf(totpURI);
    const verified = await post(
      doors.deps.shopAuth,
      `${SHOP}/v1/auth/two-factor/verify-totp`,
      { code },
      { cookie: squatter.cookie },
    );
    const token = decodeURIComponent(/session_token=([^;.]+)/.exec(cookieOf(verified))?.[1] ?? "");
    expect(await doors.deps.redis.exists(SESSION_KEY_PREFIX + token)).toBe(1);
    await addStaff(doors.deps, { name: "Sam", email, password: "another password", roles: ["support"] }, admin);
    expect(await doors.deps.redis.exists(SESSION_KEY_PREFIX + token)).toBe(0);
    const entering = await atShop(doors).post("/sign-in/email", { email, password: "another password" });
    expect(await entering.json()).toMatchObject({ user: { email } });
  });

  test("who own the shop may do everything, what a later release brings too", async () => {
    await using alone = await bothDoors();
    const { credentials } = await aMember(alone, ["owner"]);
    await alone.deps.db.update(staffRole).set({ rights: ["staff:write", "gone:write"] });
    const browser = atDashboard(alone);
    await browser.post("/sign-in/email", credentials);
    expect([...((await findStaff(alone.deps, browser.headers))?.rights ?? [])]).toEqual([...rights]);
  });

  test("are added once, with roles that exist", async () => {
    const { email } = await aStaffMember(["owner"]);
    const again = addStaff(doors.deps, { name: "Sam", email, password: PASSWORD, roles: ["owner"] }, admin);
    await expect(again).rejects.toMatchObject({ code: "state_conflict" });
    const strange = {
      name: "Sam",
      email: `${crypto.randomUUID()}@example.com`,
      password: PASSWORD,
      roles: ["emperor"],
    };
    await expect(addStaff(doors.deps, strange, admin)).rejects.toMatchObject({ code: "validation_failed" });
  });
});
