import { expect, test } from "bun:test";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { stage } from "../../../test/render.tsx";
import { BasicsForm } from "./basics-form.tsx";
import type { Product } from "./product.ts";

function product(title: string, version: number): Product {
  const content = { title: { "en-US": title, de: "Becher" }, description: {}, brand: null, seo: null };
  const lists = { categoryIds: [], collections: [], attributes: [], media: [], options: [], variants: [] };
  return {
    id: "prod_01k0000000000000000000000a" as Product["id"],
    slug: "mug",
    slugs: ["mug"],
    status: "draft",
    publishAt: null,
    unpublishAt: null,
    publishedAt: null,
    channels: [],
    listPrices: [],
    working: null,
    version,
    createdAt: "2026-03-01T12:00:00.000Z",
    updatedAt: "2026-03-01T12:00:00.000Z",
    ...content,
    ...lists,
  };
}

const form = <BasicsForm product={product("Mug", 3)} locale="en-US" onDirty={() => undefined} />;
const title = async () => (await screen.findByLabelText("Title")) as HTMLInputElement;
const type = async (value: string) => fireEvent.input(await title(), { target: { value } });
const press = (name: RegExp) => fireEvent.click(screen.getByRole("button", { name }));

test("what is saved keeps the other languages and names the version that was seen", async () => {
  const { mutations } = await stage(form, ["catalog:write"], () => ({ data: product("Large mug", 4) }));
  await type("Large mug");
  await screen.findByText("Unsaved changes");
  press(/^Save/);
  await waitFor(() => expect(mutations).toHaveLength(1));
  const patch = { title: { "en-US": "Large mug", de: "Becher" }, description: {}, brand: null };
  expect(mutations[0]?.input).toEqual({ id: product("", 0).id, version: 3, patch });
});

test("discarding brings back what was there", async () => {
  await stage(form, ["catalog:write"], () => ({ data: null }));
  await type("");
  await screen.findByText("Unsaved changes");
  press(/^Discard/);
  await waitFor(async () => expect((await title()).value).toBe("Mug"));
  expect(screen.queryByText("Unsaved changes")).toBeNull();
});

test("whoever saves second sees both versions, and mine is then saved over theirs", async () => {
  const { mutations } = await stage(form, ["catalog:write"], ({ path, input }) => {
    if (path === "catalog.products.get") return { data: product("Their mug", 7) };
    const isOld = JSON.stringify(input).includes('"version":3');
    if (isOld) return { problem: { code: "version_conflict", members: { version: 7 } } };
    return { data: product("My mug", 8) };
  });
  await type("My mug");
  await screen.findByText("Unsaved changes");
  press(/^Save$/);
  expect((await screen.findByRole("alert")).textContent).toContain("Title, theirsTheir mug");
  press(/^Save mine/);
  await waitFor(() => expect(mutations).toHaveLength(2));
  expect(mutations[1]?.input).toMatchObject({ version: 7, patch: { title: { "en-US": "My mug" } } });
});
