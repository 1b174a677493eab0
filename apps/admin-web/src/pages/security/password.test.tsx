import { expect, test } from "bun:test";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { Answer } from "../../auth.ts";
import { Password } from "./password.tsx";

function fill(current: string, next: string): void {
  fireEvent.click(screen.getByRole("button", { name: "Choose a new password" }));
  fireEvent.change(screen.getByLabelText("Present password"), { target: { value: current } });
  fireEvent.change(screen.getByLabelText("New password"), { target: { value: next } });
  fireEvent.click(screen.getByRole("button", { name: "Change the password" }));
}

test("a new password is chosen by the present one", async () => {
  const asked: string[][] = [];
  const change = async (...passwords: string[]): Promise<Answer> => {
    asked.push(passwords);
    return { kind: "ok", data: null };
  };
  render(<Password change={change} />);
  fill("given by Olivia", "known to Nora alone");
  await screen.findByRole("button", { name: "Choose a new password" });
  expect(asked).toEqual([["given by Olivia", "known to Nora alone"]]);
});

test("a wrong present password is told at its field, and the form stays", async () => {
  render(<Password change={async () => ({ kind: "refused", reason: "The password is wrong." })} />);
  fill("wrong", "known to Nora alone");
  await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("The password is wrong."));
  expect(screen.getByLabelText("Present password").getAttribute("aria-invalid")).toBe("true");
});
