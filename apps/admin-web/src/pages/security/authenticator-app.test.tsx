import { expect, test } from "bun:test";
import { render, screen } from "@testing-library/react";
import { AuthenticatorApp } from "./authenticator-app.tsx";

const show = (isOn: boolean, codesLeft: number | null) =>
  render(<AuthenticatorApp isOn={isOn} codesLeft={codesLeft} onChanged={() => undefined} />);

test("how many back-up codes are left stands at the app", () => {
  show(true, 9);
  screen.getByText("9 back-up codes left.");
  expect(screen.queryByRole("status")).toBeNull();
});

test("two or fewer are a warning", () => {
  show(true, 2);
  expect(screen.getByRole("status").textContent).toContain("only 2 back-up codes left");
});

test("without an app, or where it is not known, nothing is said of them", () => {
  for (const [isOn, left] of [
    [false, 0],
    [true, null],
  ] as const) {
    const { unmount } = show(isOn, left);
    expect(screen.queryByText(/back-up codes? left/)).toBeNull();
    unmount();
  }
});
