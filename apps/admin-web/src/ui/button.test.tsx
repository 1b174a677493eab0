import { expect, test } from "bun:test";
import { fireEvent, render, screen } from "@testing-library/react";
import { Button } from "./button.tsx";

function doubleClick(name: string): void {
  const button = screen.getByRole("button", { name });
  for (const detail of [1, 2]) fireEvent.click(button, { detail });
}

test("a double click on what asks for a change is one press, on the button and in its form", () => {
  const asked: string[] = [];
  render(
    <form
      onSubmit={(event) => {
        event.preventDefault();
        asked.push("sent");
      }}
    >
      <Button isBusy={false} onClick={() => asked.push("refunded")}>
        Refund
      </Button>
      <Button type="submit" isBusy={false}>
        Send
      </Button>
    </form>,
  );
  doubleClick("Refund");
  doubleClick("Send");
  expect(asked).toEqual(["refunded", "sent"]);
});

test("what asks for nothing may be pressed as fast as one likes", () => {
  const pages: number[] = [];
  render(<Button onClick={() => pages.push(1)}>Next</Button>);
  doubleClick("Next");
  expect(pages).toHaveLength(2);
});
