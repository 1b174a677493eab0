import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { ReplayAll } from "./replay-all.tsx";

const all = () => screen.findByRole("button", { name: /^Send all again/ });

test("all dead letters are sent again once somebody has said so twice", async () => {
  const { mutations } = await stage(<ReplayAll open={3} />, ["system:write"], () => ({
    data: { replayed: 3, left: 0 },
  }));
  fireEvent.click(await all());
  await screen.findByText("Send 3 messages again?");
  expect(mutations).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Send them again" }));
  await waitFor(() => expect(mutations.map(({ path }) => path)).toEqual(["system.replayAll"]));
});

test("who may only look cannot send them", async () => {
  await stage(<ReplayAll open={3} />, ["system:read"], () => ({ data: null }));
  const button = await all();
  expect(button.getAttribute("aria-disabled") ?? button.getAttribute("disabled")).not.toBeNull();
});
