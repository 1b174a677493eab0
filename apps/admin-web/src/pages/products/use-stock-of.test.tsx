import { expect, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { useStockOf } from "./use-stock-of.ts";

const skus = Array.from({ length: 120 }, (_, index) => `SKU-${index}`);

function Stock() {
  const stock = useStockOf(skus);
  const told = skus.map((sku) => {
    const one = stock.get(sku);
    return one && one !== "unknown" ? one.available : String(one);
  });
  return <output>{told.join(" ")}</output>;
}
const shown = () => screen.getByRole("status").textContent?.split(" ");

test("the stock of many variants is asked for a hundred at a time", async () => {
  const asked: number[] = [];
  await stage(<Stock />, ["inventory:read"], ({ input }) => {
    const { skus: some } = input as { skus: string[] };
    asked.push(some.length);
    const items = some.filter((sku) => sku !== "SKU-1").map((sku) => ({ sku, available: 7 }));
    return { data: { items, total: items.length, nextCursor: null } };
  });
  await waitFor(() => expect(shown()?.filter((one) => one === "7")).toHaveLength(119));
  expect(shown()?.[1]).toBe("null");
  expect(asked).toEqual([100, 20]);
});

test("what core does not say is not taken for none", async () => {
  await stage(<Stock />, ["inventory:read"], () => ({ problem: { code: "forbidden", members: {} } }));
  await waitFor(() => expect(new Set(shown())).toEqual(new Set(["unknown"])));
});
