import { expect, test } from "bun:test";
import { screen } from "@testing-library/react";
import { Receipt } from "lucide-react";
import { stage } from "../../test/render.tsx";
import { List, type ListPage } from "./list.tsx";
import { FIRST_PAGE } from "./paging.ts";

interface Row {
  readonly name: string;
}

const page = (...names: string[]): ListPage<Row> => ({
  ...{ items: names.map((name) => ({ name })), nextCursor: null, total: names.length },
});

function show(data: ListPage<Row>, isPlaceholderData: boolean, isFiltered = false) {
  const list = (
    <List
      name="things"
      caption="Things"
      columns={[{ id: "name", header: "Name", isFixed: true, cell: ({ name }: Row) => name }]}
      idOf={({ name }) => name}
      onOpen={() => undefined}
      query={{ data, error: null, isPlaceholderData, refetch: () => undefined }}
      paging={FIRST_PAGE}
      onPage={() => undefined}
      isFiltered={isFiltered}
      onClear={() => undefined}
      empty={{ icon: Receipt, title: "No things yet", words: "They appear here." }}
    />
  );
  return stage(list, [], () => ({ data: null }));
}

test("an empty answer to another question never stands for this one: nobody is told that the shop has nothing", async () => {
  await show(page(), true);
  const table = await screen.findByRole("table", { name: "Things" });
  expect(table.getAttribute("aria-busy")).toBe("true");
  expect(screen.queryByText("No things yet")).toBeNull();
});

test("old rows stay while the answer is on its way", async () => {
  await show(page("Old"), true, true);
  expect(await screen.findByText("Old")).toBeDefined();
});

test("what is empty and what does not match are told apart once that is known", async () => {
  await show(page(), false);
  expect(await screen.findByText("No things yet")).toBeDefined();
  await show(page(), false, true);
  expect(await screen.findByText("Nothing matches")).toBeDefined();
});
