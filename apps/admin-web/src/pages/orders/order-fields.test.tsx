import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { stage } from "../../../test/render.tsx";
import type { Order } from "./order.ts";
import { OrderFields, OrderLineFields } from "./order-fields.tsx";

const order = { id: "ord_1" } as unknown as Order;
const given = { entity: "order", help: {}, isRequired: false, visibility: "staff", archivedAt: null, version: 1 };
const fields = [
  { ...given, key: "batch", label: { en: "Batch" }, kind: "text", countMax: 1, lengthMax: 5 },
  { ...given, key: "units", label: { en: "Units" }, kind: "integer", countMax: 1, isRequired: true },
  { ...given, key: "old", label: { en: "Old" }, kind: "text", countMax: 1, archivedAt: 1 },
  { ...given, key: "unused", label: { en: "Unused" }, kind: "text", countMax: 1, archivedAt: 1 },
];
const values = { batch: "B1", old: "kept" };
const refused = {
  code: "validation_failed",
  members: { errors: [{ path: "customFields.batch", message: "is too long" }] },
};

const core = (save: { readonly data: unknown } | { readonly problem: { code: string; members: object } }) => {
  return ({ path }: { readonly path: string }) => {
    if (path === "customFields.list") return { data: { items: fields } };
    return path === "orders.fields.get" ? { data: values } : save;
  };
};
const input = async (label: string) => (await screen.findByLabelText(label)) as HTMLInputElement;
const type = async (label: string, value: string) => fireEvent.input(await input(label), { target: { value } });
const press = (name: RegExp) => fireEvent.click(screen.getByRole("button", { name }));

test("only what was changed is sent, and an emptied field is taken away", async () => {
  const { mutations } = await stage(<OrderFields order={order} />, ["orders:write"], core({ data: { units: 3 } }));
  expect((await input("Batch")).value).toBe("B1");
  await type("Batch", "");
  await type("Units *", "3");
  press(/^Save fields/);
  await waitFor(() => expect(mutations).toHaveLength(1));
  expect(mutations[0]?.input).toEqual({ id: "ord_1", values: { batch: null, units: 3 } });
});

test("what core refuses stands at its field, and what was typed stays", async () => {
  await stage(<OrderFields order={order} />, ["orders:write"], core({ problem: refused }));
  await type("Batch", "far too long");
  press(/^Save fields/);
  expect((await screen.findByRole("alert")).textContent).toBe("is too long");
  expect((await input("Batch")).value).toBe("far too long");
});

test("what is no number is told before anything is sent", async () => {
  const { mutations } = await stage(<OrderFields order={order} />, ["orders:write"], core({ data: {} }));
  await type("Units *", "many");
  press(/^Save fields/);
  expect((await screen.findByRole("alert")).textContent).toBe("A whole number");
  expect(mutations).toEqual([]);
});

test("an archived field shows what it has and takes nothing in; without the right nothing is taken in at all", async () => {
  const { mutations } = await stage(<OrderFields order={order} />, ["orders:read"], core({ data: {} }));
  expect((await input("Batch")).readOnly).toBe(true);
  expect(screen.getByText("kept")).toBeDefined();
  expect(screen.queryByText("Unused")).toBeNull();
  press(/^Save fields/);
  expect(mutations).toEqual([]);
});

const other = { id: "ord_2" } as unknown as Order;

function Orders() {
  const [shown, show] = useState(other);
  return (
    <>
      <button type="button" onClick={() => show(shown === order ? other : order)}>
        Other order
      </button>
      <OrderFields order={shown} />
    </>
  );
}

test("what was typed for one order is not shown, let alone saved, in another", async () => {
  await stage(<Orders />, ["orders:write"], ({ path, input: asked }) => {
    if (path === "customFields.list") return { data: { items: fields } };
    return { data: JSON.stringify(asked).includes("ord_2") ? { batch: "B2" } : values };
  });
  // Both have been seen, so that neither has to be waited for.
  await waitFor(async () => expect((await input("Batch")).value).toBe("B2"));
  press(/^Other order/);
  await waitFor(async () => expect((await input("Batch")).value).toBe("B1"));
  await type("Batch", "typed");
  press(/^Other order/);
  await waitFor(async () => expect((await input("Batch")).value).toBe("B2"));
});

test("what each line says is its own, and a change names the line", async () => {
  const ofLine = [
    { ...given, entity: "order_line", key: "engraving", label: { en: "Engraving" }, kind: "text", countMax: 1 },
  ];
  const line = (position: number, engraving: string) => {
    return { position, sku: `S-${position}`, title: `Thing ${position}`, values: { engraving } };
  };
  const { mutations } = await stage(<OrderLineFields order={order} />, ["orders:write"], ({ path }) => {
    if (path === "customFields.list") return { data: { items: ofLine } };
    return { data: path === "orders.fields.lines" ? { items: [line(0, "Ada"), line(1, "Bea")] } : {} };
  });
  const inputs = (await screen.findAllByLabelText("Engraving")) as HTMLInputElement[];
  expect(inputs.map(({ value }) => value)).toEqual(["Ada", "Bea"]);
  fireEvent.input(inputs[1] as HTMLInputElement, { target: { value: "Cleo" } });
  fireEvent.click(screen.getAllByRole("button", { name: /^Save fields/ }).at(-1) as HTMLElement);
  await waitFor(() => expect(mutations).toHaveLength(1));
  expect(mutations[0]?.input).toEqual({ id: "ord_1", position: 1, values: { engraving: "Cleo" } });
});
