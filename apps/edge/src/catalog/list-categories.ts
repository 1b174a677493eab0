import { endpointById } from "@stoa/contract";
import { problem } from "@stoa/kernel";
import { keys } from "@stoa/read-models";
import { publicAnswer } from "../http/answers.ts";
import { route } from "../http/call.ts";
import { catalogFreshness } from "./freshness.ts";

export const listCategories = route(endpointById("categories.list"), async (deps, { request }) => {
  const model = await deps.readModel(keys.categories());
  if (!model) throw problem("service_unavailable", { detail: "The catalog is being made ready." });
  return publicAnswer(request, { ...model, freshness: catalogFreshness });
});
