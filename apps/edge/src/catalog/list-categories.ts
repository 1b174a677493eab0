import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { publicRoute } from "../http/public-read.ts";
import { catalogPolicy } from "./freshness.ts";
import { readModel } from "./read-model.ts";

export const listCategories = publicRoute(endpointById("categories.list"), catalogPolicy, async (deps) => {
  const model = await readModel(deps.store, keys.categories());
  if (!model) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  return { ...model, madeOf: [keys.categories()] };
});
