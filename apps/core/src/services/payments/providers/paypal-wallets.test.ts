import { expect, test } from "bun:test";
import { maskedEmail } from "./paypal-wallets.ts";

test("an address is masked so that its owner knows it and nobody else learns it", () => {
  expect(["ann@shop.example", "x@y", "nonsense", "@z"].map(maskedEmail)).toEqual([
    "a•••@shop.example",
    "x•••@y",
    "•••",
    "•••",
  ]);
});
