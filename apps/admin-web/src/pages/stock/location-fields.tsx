import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FieldValuesForm } from "../../fields/field-values.tsx";
import { useFields } from "../../fields/use-fields.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Card } from "../../ui/card.tsx";
import type { Location } from "./stock-search.ts";

/** What the shop's own fields say of the place that is looked at, or of the only one there is; nothing where it has defined none. */
export default function LocationFields({ chosen }: { readonly chosen: string | undefined }) {
  const fields = useFields("location");
  const trpc = useTRPC();
  const { data } = useQuery({ ...trpc.inventory.locations.queryOptions(), enabled: fields.length > 0 });
  const locations = data?.items ?? [];
  const location = locations.length === 1 ? locations[0] : locations.find(({ id }) => id === chosen);
  if (fields.length === 0 || !location) return null;
  return <FieldsOf key={location.id} location={location} />;
}

function FieldsOf({ location }: { readonly location: Location }) {
  const fields = useFields("location");
  const refusal = useRefusal("inventory:write");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { mutateAsync, isPending } = useMutation(
    trpc.inventory.saveLocation.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.inventory.locations.queryKey() }),
    }),
  );
  const { id, code, name, kind, priority, customFields } = location;
  return (
    <div className="mt-4 max-w-xl">
      <Card title={`Fields of ${name}`}>
        <FieldValuesForm
          fields={fields}
          values={customFields}
          isSaving={isPending}
          refusal={refusal}
          what={`the fields of ${name}`}
          onSave={(values) => mutateAsync({ id, code, name, kind, priority, customFields: values })}
        />
      </Card>
    </div>
  );
}
