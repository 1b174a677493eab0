import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ListPlus, Plus } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { type CustomField, entityNames, type FieldEntity } from "../../fields/field.ts";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { PageHeader } from "../../shell/page-header.tsx";
import { Tabs } from "../../table/tabs.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { FieldActions } from "./field-actions.tsx";
import { FieldDrawer } from "./field-drawer.tsx";
import { FieldList } from "./field-list.tsx";

const route = getRouteApi("/shell/settings/fields");

const tabs = Object.entries(entityNames) as [FieldEntity, string][];

/** What the shop keeps of its things beside what every shop does. */
export function FieldsPage() {
  const { of: entity = "product" } = route.useSearch();
  const navigate = route.useNavigate();
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(trpc.customFields.list.queryOptions({}));
  const [editing, setEditing] = useState<CustomField | "new" | null>(null);
  const refusal = useRefusal("settings:write");
  const move = useMoveField();
  const fields = data?.items.filter((field) => field.entity === entity) ?? [];
  const add = (
    <Button variant="primary" disabledReason={refusal} onClick={() => setEditing("new")}>
      <Plus aria-hidden="true" className="size-4" />
      New field
    </Button>
  );
  return (
    <>
      <PageHeader title="Custom fields" actions={fields.length > 0 ? add : null} />
      <div className="mb-3">
        <Tabs
          label="Fields of"
          value={entity}
          options={tabs}
          onChange={(of) => navigate({ search: of === "product" ? {} : { of }, replace: true })}
        />
      </div>
      <Card isFlush>
        {error && !data ? <ErrorState error={error} onRetry={refetch} /> : null}
        {data || error ? null : <Skeleton className="m-4 h-32" />}
        {data && fields.length === 0 ? (
          <EmptyState icon={ListPlus} title={`No fields of ${entityNames[entity].toLowerCase()} yet`} action={add}>
            {purposes[entity]}
          </EmptyState>
        ) : null}
        <FieldList
          fields={fields}
          refusal={refusal}
          onEdit={setEditing}
          onMove={(field, by) => move(fields, field, by)}
          actionsOf={(field) => <FieldActions field={field} refusal={refusal} />}
        />
      </Card>
      <FieldDrawer entity={entity} editing={editing} onClose={() => setEditing(null)} />
    </>
  );
}

const purposes: Readonly<Record<FieldEntity, string>> = {
  product: "Keep what your products need beside title, prices and attributes: care instructions, a supplier's number.",
  variant: "Keep what differs from variant to variant and is no option: a bin, a supplier's SKU.",
  category: "Keep what a category's page shows beside its products: a banner, an introduction.",
  customer: "Keep what you know or ask of customers: a VAT number, a date of birth.",
  order: "Ask shoppers on the cart, as for a gift message, or note something on orders yourself.",
  order_line: "Ask shoppers of each thing in the cart, as for an engraving, or note something on lines yourself.",
  return: "Ask shoppers who send something back, or note something on returns yourself.",
  location: "Keep what you need to know of the places that hold stock: a phone number, opening hours.",
};

function useMoveField() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { mutate } = useMutation(
    trpc.customFields.arrange.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.customFields.list.pathKey() }),
      onError: (error) => void toast.error(wordsOf(error)),
    }),
  );
  return (fields: readonly CustomField[], field: CustomField, by: -1 | 1) => {
    const keys = fields.map(({ key }) => key);
    const place = keys.indexOf(field.key);
    const others = keys.toSpliced(place, 1);
    mutate({ entity: field.entity, keys: others.toSpliced(place + by, 0, field.key) });
  };
}
