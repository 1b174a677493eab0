import { expect, test } from "bun:test";
import { screen } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import type { Order } from "./order.ts";
import { OrderPeople } from "./order-people.tsx";

test("an address is written as its own country writes it", async () => {
  const portland = { city: "Portland", region: "OR", postalCode: "97201", country: "US", phone: "+1 503 555 0100" };
  const shippingAddress = { name: "Ada Lovelace", line1: "1 Main Street", ...portland };
  const billingAddress = { name: "Ada Lovelace", line1: "Unter den Linden 1", city: "Berlin", postalCode: "10117" };
  const addresses = { shippingAddress, billingAddress: { ...billingAddress, country: "DE" } };
  const order = { email: "ada@example.com", customerId: null, ...addresses } as unknown as Order;
  await stage(<OrderPeople order={order} />, [], () => ({ data: {} }));
  await screen.findByText("Ships to");
  expect(screen.getAllByRole("group").map(({ textContent }) => textContent)).toEqual([
    "Ada Lovelace\n1 Main Street\nPortland, OR 97201\nUnited States\n+1 503 555 0100",
    "Ada Lovelace\nUnter den Linden 1\n10117 Berlin\nGermany",
  ]);
});
