import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { verifyAuditChain } from "../../platform/audit/index.ts";
import { transact } from "../../platform/db/index.ts";
import { type Right, refusalOf, rights, type StaffActor } from "../../platform/rpc/index.ts";
import { writeSetting } from "../../platform/settings/index.ts";
import { outbox } from "../../platform/tables.ts";
import { requireVerifiedUser, staffSecuritySetting } from "./second-factor.ts";
import { findStaff } from "./staff.ts";
import { createStaffRouter } from "./staff-router.ts";
import { passkey, staffMember, staffRole, user } from "./tables.ts";
import {
  aMember,
  atDashboard,
  type Browser,
  bothDoors,
  type Doors,
  nextTotpOf,
  PASSWORD,
  refusalIn,
  totpOf,
} from "./testing/doors.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

const enrolledSchema = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) });
const enters = (browser: Browser) => findStaff(doors.deps, browser.headers);

async function signedIn(roles?: string[]) {
  const member = await aMember(doors, roles);
  const browser = atDashboard(doors);
  expect((await browser.post("/sign-in/email", member.credentials)).status).toBe(200);
  return { ...member, browser };
}

/** Somebody with an authenticator app. */
async function withTotp() {
  const member = await signedIn();
  const answer = await member.browser.post("/two-factor/enable", { password: PASSWORD });
  const enrolled = enrolledSchema.parse(await answer.json());
  const code = totpOf(enrolled.totpURI);
  expect((await member.browser.post("/two-factor/verify-totp", { code })).status).toBe(200);
  return { ...member, ...enrolled, setUpBy: code };
}

async function givePasskey(email: string): Promise<void> {
  const [person] = await doors.deps.db.select().from(user).where(eq(user.email, email));
  const id = crypto.randomUUID();
  const row = { id, credentialID: id, publicKey: "x", counter: 0, deviceType: "singleDevice", backedUp: false };
  await doors.deps.db.insert(passkey).values({ ...row, userId: person?.id ?? "" });
}

function demand(secondFactor: "optional" | "required"): Promise<void> {
  return transact(doors.deps.db, (tx) =>
    writeSetting(tx, doors.deps.clock.now(), staffSecuritySetting, { secondFactor }),
  );
}

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

describe("an authenticator app", () => {
  test("is the second step of every later sign-in: the password alone opens nothing", async () => {
    const { credentials, totpURI, browser } = await withTotp();
    expect(await enters(browser)).not.toBeNull();
    const later = atDashboard(doors);
    const first = await later.post("/sign-in/email", credentials);
    expect(await first.json()).toMatchObject({ twoFactorRedirect: true });
    expect(await enters(later)).toBeNull();
    expect(await refusalIn(await later.post("/two-factor/verify-totp", { code: "000000" }))).toEqual([
      401,
      "INVALID_CODE",
    ]);
    expect(await enters(later)).toBeNull();
    expect((await later.post("/two-factor/verify-totp", { code: nextTotpOf(totpURI) })).status).toBe(200);
    expect((await enters(later))?.email).toBe(credentials.email);
  });

  test("has codes that open the door once each, however many have seen them", async () => {
    const { credentials, totpURI, setUpBy } = await withTotp();
    const enter = async (code: string) => {
      const browser = atDashboard(doors);
      await browser.post("/sign-in/email", credentials);
      const { status } = await browser.post("/two-factor/verify-totp", { code });
      return [status, (await enters(browser)) !== null];
    };
    expect(await enter(setUpBy)).toEqual([401, false]);
    const next = nextTotpOf(totpURI);
    expect(await enter(next)).toEqual([200, true]);
    expect(await enter(next)).toEqual([401, false]);
  });

  test("is replaced by each back-up code once", async () => {
    const { credentials, backupCodes, browser } = await withTotp();
    const use = async (code: string | undefined) => {
      const browser = atDashboard(doors);
      await browser.post("/sign-in/email", credentials);
      const { status } = await browser.post("/two-factor/verify-backup-code", { code });
      return [status, (await enters(browser)) !== null];
    };
    expect(backupCodes.length).toBe(10);
    expect(await use(backupCodes[0])).toEqual([200, true]);
    expect(await use(backupCodes[0])).toEqual([401, false]);
    expect(await use(backupCodes[1])).toEqual([200, true]);
    expect(await (await browser.send("GET", "/two-factor/backup-codes")).json()).toEqual({ left: 8 });
    await browser.post("/two-factor/generate-backup-codes", { password: PASSWORD });
    expect(await (await browser.send("GET", "/two-factor/backup-codes")).json()).toEqual({ left: 10 });
  });

  test("tells how many back-up codes are left to nobody but whom they open the door for", async () => {
    const { browser } = await signedIn();
    expect(await (await browser.send("GET", "/two-factor/backup-codes")).json()).toEqual({ left: 0 });
    await browser.post("/two-factor/enable", { password: PASSWORD });
    expect(await (await browser.send("GET", "/two-factor/backup-codes")).json()).toEqual({ left: 0 });
    expect((await atDashboard(doors).send("GET", "/two-factor/backup-codes")).status).toBe(401);
  });

  test("ends what older sessions could do that rest on the password alone", async () => {
    const { browser: older, credentials } = await signedIn();
    expect(await enters(older)).not.toBeNull();
    const newer = atDashboard(doors);
    await newer.post("/sign-in/email", credentials);
    const { totpURI } = enrolledSchema.parse(
      await (await newer.post("/two-factor/enable", { password: PASSWORD })).json(),
    );
    await newer.post("/two-factor/verify-totp", { code: totpOf(totpURI) });
    expect(await enters(newer)).not.toBeNull();
    await expect(enters(older)).rejects.toMatchObject({ code: "second_factor_required" });
    for (const path of ["/two-factor/disable", "/two-factor/generate-backup-codes"]) {
      expect(await refusalIn(await older.post(path, { password: PASSWORD }))).toEqual([403, "SECOND_FACTOR_REQUIRED"]);
    }
    const register = await older.send("GET", "/passkey/generate-register-options");
    expect(await refusalIn(register)).toEqual([403, "SECOND_FACTOR_REQUIRED"]);
  });

  test("cannot be gone round by trusting a device", async () => {
    const { credentials, totpURI } = await withTotp();
    const browser = atDashboard(doors);
    await browser.post("/sign-in/email", credentials);
    const answer = await browser.post("/two-factor/verify-totp", { code: totpOf(totpURI), trustDevice: true });
    expect(await refusalIn(answer)).toEqual([400, "TRUSTED_DEVICES_ARE_OFF"]);
  });

  test("that is given up leaves a session that rests on the password alone", async () => {
    const { browser } = await withTotp();
    expect((await browser.post("/two-factor/disable", { password: PASSWORD })).status).toBe(200);
    expect(await enters(browser)).not.toBeNull();
    await demand("required");
    await expect(enters(browser)).rejects.toMatchObject({ code: "second_factor_required" });
    await demand("optional");
  });
});

describe("a passkey", () => {
  test("keeps out whoever holds only the password", async () => {
    const { credentials, email } = await aMember(doors);
    await givePasskey(email);
    const browser = atDashboard(doors);
    expect(await refusalIn(await browser.post("/sign-in/email", credentials))).toEqual([403, "PASSKEY_REQUIRED"]);
    expect(await enters(browser)).toBeNull();
  });

  test("counts only when its device has made sure who holds it", async () => {
    const of = (userVerified: boolean) =>
      requireVerifiedUser({ verification: { authenticationInfo: { userVerified } } });
    await of(true);
    await expect(of(false)).rejects.toMatchObject({ body: { code: "USER_VERIFICATION_REQUIRED" } });
    await expect(requireVerifiedUser({ verification: {} })).rejects.toThrow();
  });
});

describe("a shop that asks for a second factor", () => {
  test("lets a session without one do nothing but enrol", async () => {
    const { browser } = await signedIn();
    await demand("required");
    await expect(enters(browser)).rejects.toMatchObject({ code: "second_factor_required" });
    const answer = await browser.post("/two-factor/enable", { password: PASSWORD });
    const { totpURI } = enrolledSchema.parse(await answer.json());
    await expect(enters(browser)).rejects.toMatchObject({ code: "second_factor_required" });
    await browser.post("/two-factor/verify-totp", { code: totpOf(totpURI) });
    expect(await enters(browser)).not.toBeNull();
    await demand("optional");
  });
});

describe("an owner", () => {
  test("takes a lost factor away: its sessions end, and the password opens the door again", async () => {
    const { id, browser, credentials, email } = await withTotp();
    await givePasskey(email);
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
    const { id, browser, credentials } = await signedIn(["support"]);
    await asOwner().setState({ id, state: "suspended" });
    expect(await enters(browser)).toBeNull();
    const later = atDashboard(doors);
    await later.post("/sign-in/email", credentials);
    expect(await enters(later)).toBeNull();
    await asOwner().setState({ id, state: "active" });
    expect(await enters(later)).not.toBeNull();
  });

  test("gives roles, whose rights hold from the next call on", async () => {
    const { id, browser } = await signedIn(["support"]);
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
