import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import LocationFields from "./location-fields.tsx";

const field = {
  ...{ entity: "location", key: "phone", label: { en: "Phone" }, kind: "text", countMax: 1 },
  ...{ help: {}, isRequired: false, visibility: "staff", archivedAt: null, version: 1 },
};
const location = (id: string, name: string) => {
  return { id, code: id, name, kind: "warehouse", priority: 100, customFields: { phone: "1" } };
};
const core =
  (...items: readonly object[]) =>
  ({ path }: { readonly path: string }) => {
    if (path === "customFields.list") return { data: { items: [field] } };
    return { data: path === "inventory.locations" ? { items } : null };
  };
const [main, store] = [location("loc_1", "Main"), location("loc_2", "Store")];

test("the fields of the place that is looked at are changed, and the place stays as it is", async () => {
  const { mutations } = await stage(<LocationFields chosen="loc_2" />, ["inventory:write"], core(main, store));
  expect(await screen.findByText("Fields of Store")).toBeDefined();
  fireEvent.input(screen.getByLabelText("Phone"), { target: { value: "2" } });
  fireEvent.click(screen.getByRole("button", { name: /^Save fields/ }));
  await waitFor(() => expect(mutations).toHaveLength(1));
  const { customFields: _, ...place } = store;
  expect(mutations[0]?.input).toEqual({ ...place, customFields: { phone: "2" } });
});

test("the only place there is needs no choosing", async () => {
  await stage(<LocationFields chosen={undefined} />, ["inventory:write"], core(main));
  expect(await screen.findByText("Fields of Main")).toBeDefined();
});
