import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { transact } from "../../platform/db/index.ts";
import { writeSetting } from "../../platform/settings/index.ts";
import { requireVerifiedUser, staffSecuritySetting } from "./second-factor.ts";
import { findStaff } from "./staff.ts";
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
import { enrolledSchema, givePasskey, signedIn, withTotp } from "./testing/members.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

const enters = (browser: Browser) => findStaff(doors.deps, browser.headers);

function demand(secondFactor: "optional" | "required"): Promise<void> {
  return transact(doors.deps.db, (tx) =>
    writeSetting(tx, doors.deps.clock.now(), staffSecuritySetting, { secondFactor }),
  );
}

describe("an authenticator app", () => {
  test("is the second step of every later sign-in: the password alone opens nothing", async () => {
    const { credentials, totpURI, browser } = await withTotp(doors);
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
    const { credentials, totpURI, setUpBy } = await withTotp(doors);
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
    const { credentials, backupCodes, browser } = await withTotp(doors);
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
    const { browser } = await signedIn(doors);
    expect(await (await browser.send("GET", "/two-factor/backup-codes")).json()).toEqual({ left: 0 });
    await browser.post("/two-factor/enable", { password: PASSWORD });
    expect(await (await browser.send("GET", "/two-factor/backup-codes")).json()).toEqual({ left: 0 });
    expect((await atDashboard(doors).send("GET", "/two-factor/backup-codes")).status).toBe(401);
  });

  test("ends what older sessions could do that rest on the password alone", async () => {
    const { browser: older, credentials } = await signedIn(doors);
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
    const { credentials, totpURI } = await withTotp(doors);
    const browser = atDashboard(doors);
    await browser.post("/sign-in/email", credentials);
    const answer = await browser.post("/two-factor/verify-totp", { code: totpOf(totpURI), trustDevice: true });
    expect(await refusalIn(answer)).toEqual([400, "TRUSTED_DEVICES_ARE_OFF"]);
  });

  test("that is given up leaves a session that rests on the password alone", async () => {
    const { browser } = await withTotp(doors);
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
    await givePasskey(doors, email);
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
    const { browser } = await signedIn(doors);
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
