import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc.ts";
import type { CustomField, FieldEntity } from "./field.ts";

/** Fields hardly ever change. */
const FRESH_MS = 60_000;

/** The shop's own fields of one kind of thing; none while they are on their way. */
export function useFields(entity: FieldEntity): readonly CustomField[] {
  const trpc = useTRPC();
  const { data } = useQuery({ ...trpc.customFields.list.queryOptions({}), staleTime: FRESH_MS });
  return data?.items.filter((field) => field.entity === entity) ?? [];
}
