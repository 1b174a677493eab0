import { expect, test } from "bun:test";
import { fireEvent, render, screen } from "@testing-library/react";
import { FormDialog } from "./form-dialog.tsx";

function show(): string[] {
  const closed: string[] = [];
  render(
    <FormDialog isOpen onClose={() => closed.push("closed")} title="Answer">
      <input aria-label="Words" />
    </FormDialog>,
  );
  return closed;
}

const close = () => fireEvent.click(screen.getByRole("button", { name: "Close" }));

test("nothing written, nothing asked", async () => {
  const closed = show();
  await screen.findByRole("dialog", { name: "Answer" });
  close();
  expect(closed).toEqual(["closed"]);
});

test("what has been written is lost only by who says so", async () => {
  const closed = show();
  fireEvent.input(await screen.findByLabelText("Words"), { target: { value: "Delivered on Monday." } });
  close();
  await screen.findByText("Close without saving?");
  expect(closed).toEqual([]);
  fireEvent.click(await screen.findByRole("button", { name: "Close without saving" }));
  expect(closed).toEqual(["closed"]);
});
