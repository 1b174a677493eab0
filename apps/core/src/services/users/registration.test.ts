import { afterAll, beforeAll, expect, test } from "bun:test";
import { withinProfile } from "./registration.ts";
import { aMember, atDashboard, atShop, bothDoors, type Doors, PASSWORD, refusalIn } from "./testing/doors.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

const register = (members: object) =>
  atShop(doors).post("/sign-up/email", { email: newEmail(), password: PASSWORD, name: "Ada", ...members });
const newEmail = () => `${crypto.randomUUID()}@example.com`;

test("whoever registers is held to what a profile takes", async () => {
  for (const members of [
    { name: "x".repeat(101) },
    { name: "A\0da" },
    { name: "Ada\ud800" },
    { name: "Ada\nBcc: all@example.com" },
    { image: "javascript:alert(1)" },
    { image: `https://example.com/${"x".repeat(2_000)}` },
    { email: `${"x".repeat(250)}@example.com` },
  ]) {
    expect([members, await refusalIn(await register(members))]).toEqual([members, [400, "VALIDATION_ERROR"]]);
  }
  for (const members of [{}, { name: "" }, { name: "😀".repeat(50) }, { image: "https://example.com/a.png" }]) {
    expect([members, (await register(members)).status]).toEqual([members, 200]);
  }
});

test("an account takes no more at the staff's door than at the shop's", async () => {
  const member = await aMember(doors);
  const browser = atDashboard(doors);
  expect((await browser.post("/sign-in/email", member.credentials)).status).toBe(200);
  for (const members of [
    { name: "x".repeat(101) },
    { name: "Sam\nBcc: all@example.com" },
    { image: "javascript:alert(1)" },
  ]) {
    expect([members, await refusalIn(await browser.post("/update-user", members))]).toEqual([
      members,
      [400, "VALIDATION_ERROR"],
    ]);
  }
  expect((await browser.post("/update-user", { name: "Samuel" })).status).toBe(200);
});

test("what a sign-in provider says of somebody is cut to what a profile takes", () => {
  expect(withinProfile({ name: ` A\0da\ud800${"x".repeat(200)}`, image: "javascript:alert(1)" })).toEqual({
    name: `A da\ufffd${"x".repeat(95)}`,
    image: null,
  });
  expect(withinProfile({ name: "😀".repeat(60) }).name).toBe("😀".repeat(50));
  expect(withinProfile({ name: "Ada", image: "https://example.com/a.png" }).image).toBe("https://example.com/a.png");
});
