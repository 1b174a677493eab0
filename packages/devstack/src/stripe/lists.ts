import type { Records } from "../stand-in/record-store.ts";
import { invalidParameter, noSuch } from "./errors.ts";
import type { ApiList } from "./objects.ts";

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;

type CreatedFilter =
  | number
  | {
      readonly gt?: number | undefined;
      readonly gte?: number | undefined;
      readonly lt?: number | undefined;
      readonly lte?: number | undefined;
    };

export interface ListParameters {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
  readonly created?: CreatedFilter | undefined;
}

export interface ListQuery<View> {
  readonly url: string;
  /** Only records that belong to this id. */
  readonly parent?: string | undefined;
  readonly keeps?: (view: View) => boolean;
}

/** One page of a list, newest first, walked by `starting_after` or backwards by `ending_before`. */
export function listPage<View extends { readonly id: string; readonly created: number }>(
  records: Records<View, unknown>,
  params: ListParameters,
  query: ListQuery<View>,
): ApiList<View> {
  const limit = pageLimit(params.limit);
  const { starting_after: after, ending_before: before } = params;
  for (const [param, id] of Object.entries({ starting_after: after, ending_before: before })) {
    if (id !== undefined && records.find(id) === null) throw noSuch("object", id, param);
  }
  const backwards = before !== undefined;
  const window = { parent: query.parent, after, before };
  const found: View[] = [];
  for (const { view } of backwards ? records.oldestFirst(window) : records.newestFirst(window)) {
    if (!createdWithin(view.created, params.created) || query.keeps?.(view) === false) continue;
    found.push(view);
    if (found.length > limit) break;
  }
  const data = found.slice(0, limit);
  return {
    object: "list",
    url: query.url,
    has_more: found.length > limit,
    data: backwards ? data.reverse() : data,
  };
}

export function pageLimit(limit: number | undefined): number {
  if (limit === undefined) return LIMIT_DEFAULT;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  const edge = limit < 1 ? `greater than or equal to 1` : `less than or equal to ${LIMIT_MAX}`;
  throw invalidParameter(`This value must be ${edge}.`, "parameter_invalid_integer", "limit");
}

function createdWithin(created: number, filter: CreatedFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (typeof filter === "number") return created === filter;
  return (
    (filter.gt === undefined || created > filter.gt) &&
    (filter.gte === undefined || created >= filter.gte) &&
    (filter.lt === undefined || created < filter.lt) &&
    (filter.lte === undefined || created <= filter.lte)
  );
}
