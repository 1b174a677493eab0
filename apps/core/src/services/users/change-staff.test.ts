import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import { type Right, refusalOf, rights, type StaffActor } from "../../platform/rpc/index.ts";
import { outbox } from "../../platform/tables.ts";
import { findStaff } from "./staff.ts";
import { createStaffRouter } from "./staff-router.ts";
import { staffMember, staffRole, user } from "./tables.ts";
import { aMember, atDashboard, type Browser, bothDoors, type Doors } from "./testing/doors.ts";
import { givePasskey, signedIn, withTotp } from "./testing/members.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

const enters = (browser: Browser) => findStaff(doors.deps, browser.headers);
const asOwner = () => callerWith(rights);

function callerWith(held: readonly Right[]) {
  const rest = { userId: "u", name: "Olivia", email: "o@example.com", roles: [], rights: new Set(held) };
  const actor: StaffActor = {
    kind: "staff",
    staffId: "stf_00000000000000000000000001" as StaffActor["staffId"],
    ...rest,
  };
  const context = { actor, requestId: "r", traceparent: null, idempotencyKey: null, clock: doors.deps.clock };
  return createStaffRouter(doors.deps).createCaller(context);
}

describe("an owner", () => {
  test("takes a lost factor away: its sessions end, and the password opens the door again", async () => {
    const { id, browser, credentials, email } = await withTotp(doors);
    await givePasskey(doors, email);
    await asOwner().resetSecondFactor({ id });
    expect(await enters(browser)).toBeNull();
    const later = atDashboard(doors);
    expect(await (await later.post("/sign-in/email", credentials)).json()).not.toHaveProperty("twoFactorRedirect");
    expect(await enters(later)).not.toBeNull();
    const listed = (await asOwner().list()).items.find((item) => item.id === id);
    expect(listed).toMatchObject({ hasTotp: false, passkeys: 0 });
    const [person] = await doors.deps.db.select({ id: user.id }).from(user).where(eq(user.email, email));
    const told = await doors.deps.db
      .select({ type: outbox.type, payload: outbox.payload })
      .from(outbox)
      .where(eq(outbox.key, id));
    expect(told).toEqual([{ type: "staff.second_factor_reset", payload: { userId: person?.id } }]);
    expect((await verifyAuditChain(doors.deps.db)).brokenAt).toBeNull();
  });

  test("suspends somebody at once, and lets them in again", async () => {
    const { id, browser, credentials } = await signedIn(doors, ["support"]);
    await asOwner().setState({ id, state: "suspended" });
    expect(await enters(browser)).toBeNull();
    const later = atDashboard(doors);
    await later.post("/sign-in/email", credentials);
    expect(await enters(later)).toBeNull();
    await asOwner().setState({ id, state: "active" });
    expect(await enters(later)).not.toBeNull();
  });

  test("gives roles, whose rights hold from the next call on", async () => {
    const { id, browser } = await signedIn(doors, ["support"]);
    await asOwner().setRoles({ id, roles: ["warehouse"] });
    const now = await enters(browser);
    expect([now?.roles, now?.rights.has("inventory:write"), now?.rights.has("orders:write")]).toEqual([
      ["warehouse"],
      true,
      false,
    ]);
    const strange = asOwner().setRoles({ id, roles: ["emperor"] });
    expect(await strange.catch((error) => refusalOf(error).code)).toBe("validation_failed");
  });

  test("is beyond whoever may change staff and nothing else", async () => {
    const role = `personnel-${crypto.randomUUID()}`;
    await doors.deps.db
      .insert(staffRole)
      .values({ name: role, rights: ["staff:read", "staff:write"], createdAt: doors.deps.clock.now() });
    const [owner, peer] = [await aMember(doors, ["owner"]), await aMember(doors, [role])];
    const personnel = callerWith(["staff:read", "staff:write"]);
    const refused = (change: Promise<unknown>) =>
      change.then(
        () => "done",
        (error) => refusalOf(error).code,
      );
    for (const id of [owner.id, peer.id]) {
      const expected = id === owner.id ? "forbidden" : "done";
      expect(await refused(personnel.setRoles({ id, roles: [role] }))).toBe(expected);
      expect(await refused(personnel.resetSecondFactor({ id }))).toBe(expected);
      expect(await refused(personnel.setState({ id, state: "suspended" }))).toBe(expected);
    }
    expect(await refused(personnel.setRoles({ id: peer.id, roles: ["support"] }))).toBe("forbidden");
  });

  test("is never the last: somebody stays who may change staff", async () => {
    await using alone = await bothDoors();
    const first = await aMember(alone, ["owner"]);
    await aMember(alone, ["manager"]);
    const context = { requestId: "r", traceparent: null, idempotencyKey: null, clock: alone.deps.clock };
    const rest = { userId: "u", name: "O", email: "o@example.com", roles: [], rights: new Set(rights) };
    const actor: StaffActor = { kind: "staff", staffId: first.id, ...rest };
    const caller = createStaffRouter(alone.deps).createCaller({ ...context, actor });
    for (const change of [
      caller.setState({ id: first.id, state: "suspended" }),
      caller.setRoles({ id: first.id, roles: ["support"] }),
    ]) {
      expect(await change.catch((error) => refusalOf(error).code)).toBe("state_conflict");
    }
    const [row] = await alone.deps.db.select().from(staffMember).where(eq(staffMember.id, first.id));
    expect(row?.state).toBe("active");
  });
});
