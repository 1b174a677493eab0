import { expect, test } from "bun:test";
import { screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { SkuTitle } from "./sku-title.tsx";
import { useSkuNames } from "./use-sku-names.ts";

const skus = ["MUG-1", "MUG-2", "LOOSE"];
const name = (sku: string, colour: string) => ({
  ...{ sku, productId: "prod_1", title: "Stoneware mug", options: { Colour: colour }, imageUrl: null },
});

function Names() {
  const names = useSkuNames(skus);
  return skus.map((sku) => (
    <div key={sku} data-testid={sku}>
      <SkuTitle sku={sku} names={names} />
    </div>
  ));
}

test("every SKU of a page is named by one question, and one of no product stands without a name", async () => {
  const asked: unknown[] = [];
  await stage(<Names />, ["inventory:read", "catalog:read"], ({ input }) => {
    asked.push(input);
    return { data: { items: [name("MUG-1", "Sage"), name("MUG-2", "Slate")] } };
  });
  await waitFor(() => expect(screen.getByTestId("MUG-2").textContent).toBe("Stoneware mug · Slate"));
  expect(screen.getByTestId("MUG-1").textContent).toBe("Stoneware mug · Sage");
  expect(screen.getByTestId("LOOSE").innerHTML).toBe("");
  expect(asked).toEqual([{ skus }]);
});

test("who may not see products asks for no names and waits for none", async () => {
  const asked: unknown[] = [];
  await stage(<Names />, ["inventory:read"], ({ path }) => {
    asked.push(path);
    return { data: null };
  });
  expect((await screen.findByTestId("MUG-1")).innerHTML).toBe("");
  expect(asked).toEqual([]);
});
