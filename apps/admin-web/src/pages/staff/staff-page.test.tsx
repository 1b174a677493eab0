import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { type Call, stage } from "../../../test/render.tsx";
import { StaffPage } from "./staff-page.tsx";

const base = { state: "active", roles: ["support"], createdAt: "2026-01-01T00:00:00.000Z" } as const;
const olivia = { ...base, id: "stf_1", name: "Olivia", email: "olivia@shop.example", hasTotp: true, passkeys: 0 };
const nora = { ...base, id: "stf_2", name: "Nora", email: "nora@shop.example", hasTotp: true, passkeys: 2 };
const sam = { ...base, id: "stf_3", name: "Sam", email: "sam@shop.example", hasTotp: false, passkeys: 0 };

const answer = ({ path }: Call) => {
  if (path === "users.staff.list") return { data: { items: [nora, olivia, sam], roles: [] } };
  return { data: path === "users.staff.security.get" ? { secondFactor: "required" } : null };
};
const rowOf = async (name: string) => within(await screen.findByRole("listitem", { name }));
const resetIn = (row: Awaited<ReturnType<typeof rowOf>>) => row.queryByRole("button", { name: /^Reset second factor/ });

test("who has which second factor is seen at once, and what the shop asks for", async () => {
  await stage(<StaffPage />, ["staff:read", "staff:write"], answer);
  (await rowOf("Nora")).getByText("Authenticator app");
  (await rowOf("Nora")).getByText("2 passkeys");
  const plain = await rowOf("Sam");
  plain.getByText("Password alone");
  expect(resetIn(plain)).toBeNull();
  screen.getByText("Nobody gets in without a second factor.");
});

test("lost factors are taken away once it is confirmed whose", async () => {
  const { mutations } = await stage(<StaffPage />, ["staff:read", "staff:write"], answer);
  fireEvent.click(resetIn(await rowOf("Nora")) as HTMLElement);
  await screen.findByText("Reset the second factor of Nora?");
  expect(mutations).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Reset the second factor" }));
  await waitFor(() =>
    expect(mutations).toMatchObject([{ path: "users.staff.resetSecondFactor", input: { id: nora.id } }]),
  );
});

test("one's own factors are changed under Security, not here", async () => {
  await stage(<StaffPage />, ["staff:read", "staff:write"], answer);
  expect(resetIn(await rowOf("Olivia"))?.getAttribute("aria-disabled")).toBe("true");
  expect(resetIn(await rowOf("Nora"))?.getAttribute("aria-disabled")).not.toBe("true");
});

test("without the right the button says which one is missing", async () => {
  await stage(<StaffPage />, ["staff:read"], answer);
  expect(resetIn(await rowOf("Nora"))?.getAttribute("aria-disabled")).toBe("true");
});
