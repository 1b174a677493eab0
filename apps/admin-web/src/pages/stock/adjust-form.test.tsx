import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { AdjustForm } from "./adjust-form.tsx";
import type { Location, StockRow } from "./stock-search.ts";

const locationId = "loc_01k0000000000000000000000m" as Location["id"];
const row: StockRow = {
  sku: "MUG-1",
  tracked: true,
  allowBackorder: false,
  alertThreshold: null,
  available: 8,
  onHand: 12,
  reserved: 1,
  allocated: 3,
  incoming: 0,
  levels: [{ locationId, code: "main", onHand: 12, reserved: 1, allocated: 3, incoming: 0, buffer: 0 }],
};
const locations: Location[] = [
  {
    id: locationId,
    code: "main",
    name: "Main",
    kind: "warehouse",
    priority: 100,
    customFields: {},
    createdAt: "2026-03-01T12:00:00.000Z",
  },
];
const form = <AdjustForm row={row} locations={locations} />;
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = () => fireEvent.click(screen.getByRole("button", { name: /^Adjust stock/ }));

test("the outcome stands there before anything is moved", async () => {
  await stage(form, ["inventory:write"], () => ({ data: null }));
  type("Units more or fewer", "-3");
  const outcome = await screen.findByLabelText("Outcome");
  await waitFor(() => expect(outcome.textContent).toBe("On hand12 → 9 −3Available8 → 5 −3"));
});

test("units that are promised to buyers cannot be taken away", async () => {
  const { mutations } = await stage(form, ["inventory:write"], () => ({ data: null }));
  type("Units more or fewer", "-9");
  type("Reason", "Broken");
  await screen.findByRole("alert");
  press();
  expect(screen.getByRole("alert").textContent).toContain("Only 8 of them are free");
  expect(mutations).toEqual([]);
});

test("an adjustment needs its reason, at the field", async () => {
  const { mutations } = await stage(form, ["inventory:write"], () => ({ data: null }));
  type("Units more or fewer", "5");
  press();
  expect((await screen.findByRole("alert")).textContent).toContain("Say why");
  expect(mutations).toEqual([]);
});

test("pressing again after a lost answer sends the same key, so stock moves once", async () => {
  let calls = 0;
  const { mutations } = await stage(form, ["inventory:write"], () => {
    calls += 1;
    if (calls === 1) return { problem: { code: "service_unavailable", members: {} } };
    return { data: { before: 12, after: 17 } };
  });
  type("Units more or fewer", "+5");
  type("Reason", "Found in the yard");
  press();
  await waitFor(() => expect(mutations).toHaveLength(1));
  await waitFor(() =>
    expect(screen.getByRole("button", { name: "Adjust stock" }).hasAttribute("disabled")).toBe(false),
  );
  press();
  await waitFor(() => expect(mutations).toHaveLength(2));
  expect(mutations[0]?.input).toEqual({
    sku: "MUG-1",
    locationId,
    kind: "adjustment",
    delta: 5,
    reason: "Found in the yard",
  });
  expect(mutations[0]?.idempotencyKey).toBeString();
  expect(mutations[1]?.idempotencyKey).toBe(mutations[0]?.idempotencyKey ?? "");
});

test("without the right the button says which one is missing", async () => {
  await stage(form, ["inventory:read"], () => ({ data: null }));
  expect((await screen.findByRole("button", { name: /Adjust stock/ })).title).toContain("inventory:write");
});
