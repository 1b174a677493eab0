import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import type { Order } from "./order.ts";
import { OrderReturnFields } from "./return-fields.tsx";

const order = { id: "ord_1" } as unknown as Order;
const field = {
  ...{ entity: "return", key: "lane", label: { en: "Lane" }, kind: "text", countMax: 1 },
  ...{ help: {}, isRequired: false, visibility: "staff", archivedAt: null, version: 1 },
};
const core =
  (returns: readonly object[]) =>
  ({ path }: { readonly path: string }) => {
    if (path === "customFields.list") return { data: { items: [field] } };
    if (path === "orders.returns.staff.list")
      return { data: { items: returns, total: returns.length, nextCursor: null } };
    return { data: path === "orders.fields.return" ? { lane: "A" } : { lane: "B" } };
  };

test("each return says its own, and a change names the return", async () => {
  const returns = [{ id: "ret_1", state: "received" }];
  const { mutations } = await stage(<OrderReturnFields order={order} />, ["orders:write"], core(returns));
  const lane = (await screen.findByLabelText("Lane")) as HTMLInputElement;
  expect(lane.value).toBe("A");
  fireEvent.input(lane, { target: { value: "B" } });
  fireEvent.click(screen.getByRole("button", { name: /^Save fields/ }));
  await waitFor(() => expect(mutations).toHaveLength(1));
  expect(mutations[0]?.input).toEqual({ id: "ret_1", values: { lane: "B" } });
});

test("an order of which nothing has come back shows no card for it", async () => {
  await stage(<OrderReturnFields order={order} />, ["orders:write"], core([]));
  await waitFor(() => expect(screen.queryByText("Custom fields of the returns")).toBeNull());
});
