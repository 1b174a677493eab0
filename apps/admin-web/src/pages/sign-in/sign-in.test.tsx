import { expect, test } from "bun:test";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { SignInPage } from "./sign-in.tsx";

test("a refusal stands at the password, and the e-mail is kept", async () => {
  let signedIn = 0;
  const attempt = async () => ({ kind: "refused", reason: "E-mail or password is wrong." }) as const;
  render(<SignInPage onSignedIn={() => (signedIn += 1)} attempt={attempt} />);
  const email = screen.getByLabelText<HTMLInputElement>("E-mail");
  fireEvent.change(email, { target: { value: "sam@example.com" } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: "wrong" } });
  fireEvent.submit(email.form as HTMLFormElement);
  await waitFor(() => screen.getByText("E-mail or password is wrong."));
  expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
  expect(email.value).toBe("sam@example.com");
  expect(signedIn).toBe(0);
});

test("the right password opens the dashboard", async () => {
  let signedIn = 0;
  const given: string[] = [];
  const attempt = async (email: string, password: string) => {
    given.push(email, password);
    return { kind: "ok" } as const;
  };
  const { unmount } = render(<SignInPage onSignedIn={() => (signedIn += 1)} attempt={attempt} />);
  const [email] = screen.getAllByLabelText<HTMLInputElement>("E-mail").slice(-1);
  const [password] = screen.getAllByLabelText("Password").slice(-1);
  if (!email || !password) throw new Error("no form");
  fireEvent.change(email, { target: { value: "sam@example.com" } });
  fireEvent.change(password, { target: { value: "right" } });
  fireEvent.submit(email.form as HTMLFormElement);
  await waitFor(() => expect(signedIn).toBe(1));
  expect(given).toEqual(["sam@example.com", "right"]);
  unmount();
});

test("where a second factor is set up, the password alone opens nothing", async () => {
  let signedIn = 0;
  const codes: string[] = [];
  const attempt = async () => ({ kind: "second_step" }) as const;
  const attemptCode = async (kind: string, code: string) => {
    codes.push(kind, code);
    return kind === "totp"
      ? ({ kind: "refused", reason: "This code is wrong." } as const)
      : ({ kind: "ok", data: {} } as const);
  };
  render(<SignInPage onSignedIn={() => (signedIn += 1)} attempt={attempt} attemptCode={attemptCode} />);
  fireEvent.submit(screen.getByLabelText<HTMLInputElement>("E-mail").form as HTMLFormElement);
  const code = await waitFor(() => screen.getByLabelText<HTMLInputElement>("Code of your authenticator app"));
  fireEvent.change(code, { target: { value: "123456" } });
  fireEvent.submit(code.form as HTMLFormElement);
  await waitFor(() => screen.getByText("This code is wrong."));
  expect(signedIn).toBe(0);
  fireEvent.click(screen.getByText("Use a back-up code"));
  const backup = screen.getByLabelText<HTMLInputElement>("Back-up code");
  fireEvent.change(backup, { target: { value: "aaaaa-bbbbb" } });
  fireEvent.submit(backup.form as HTMLFormElement);
  await waitFor(() => expect(signedIn).toBe(1));
  expect(codes).toEqual(["totp", "123456", "backup-code", "aaaaa-bbbbb"]);
});
