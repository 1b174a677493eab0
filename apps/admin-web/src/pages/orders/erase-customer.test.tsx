import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { EraseCustomer } from "./erase-customer.tsx";

const customerId = "cus_01k0000000000000000000000a";
const of = (email: string) => <EraseCustomer order={{ number: "1042", email }} customerId={customerId} />;
const press = (name: RegExp) => fireEvent.click(screen.getByRole("button", { name }));

test("who is erased is named, and nothing happens before it is confirmed", async () => {
  const { mutations } = await stage(of("ada@example.com"), ["customers:write"], () => ({ data: null }));
  await screen.findByRole("button", { name: /^Erase customer/ });
  press(/^Erase customer/);
  await screen.findByText("Erase ada@example.com?");
  expect(mutations).toEqual([]);
  press(/^Erase the customer/);
  await waitFor(() => expect(mutations).toMatchObject([{ path: "users.eraseCustomer", input: { id: customerId } }]));
});

test("who has been erased can be erased once more", async () => {
  const { mutations } = await stage(of(""), ["customers:write"], () => ({ data: null }));
  await screen.findByRole("button", { name: /^Erase once more/ });
  press(/^Erase once more/);
  await screen.findByText("Erase the customer of order 1042 once more?");
  press(/^Erase the customer/);
  await waitFor(() => expect(mutations).toMatchObject([{ path: "users.eraseCustomer", input: { id: customerId } }]));
});

test("without the right the button says which one is missing", async () => {
  const { mutations } = await stage(of("ada@example.com"), ["customers:read"], () => ({ data: null }));
  const button = await screen.findByRole("button", { name: /^Erase customer/ });
  expect(button.getAttribute("aria-disabled")).toBe("true");
  press(/^Erase customer/);
  expect(screen.queryByText("Erase ada@example.com?")).toBeNull();
  expect(mutations).toEqual([]);
});
