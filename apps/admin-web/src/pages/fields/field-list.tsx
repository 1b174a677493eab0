import { textIn } from "@stoa/kernel";
import { ArrowDown, ArrowUp, Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { type CustomField, isList, kindNames } from "../../fields/field.ts";
import { useShop } from "../../shell/shop.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { CopyId } from "../../ui/data.tsx";

export interface FieldListProps {
  readonly fields: readonly CustomField[];
  readonly refusal: string | null;
  readonly onEdit: (field: CustomField) => void;
  /** Puts a field one place up or down. */
  readonly onMove: (field: CustomField, by: -1 | 1) => void;
  /** What else can be done with it. */
  readonly actionsOf: (field: CustomField) => ReactNode;
}

/** The fields of one kind of thing, in the order in which they are shown everywhere. */
export function FieldList({ fields, refusal, onEdit, onMove, actionsOf }: FieldListProps) {
  const { locale } = useShop();
  return (
    <ul>
      {fields.map((field, index) => {
        const name = textIn(field.label, locale);
        return (
          <li
            key={field.key}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line/70 px-4 py-3 last:border-0"
          >
            <div className="min-w-0 grow basis-56">
              <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-medium break-words">{name}</span>
                <Marks field={field} />
              </p>
              <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-[13px] text-ink-soft">
                <CopyId id={field.key} />
                <span>
                  {kindNames[field.kind]}
                  {isList(field) ? ", several" : ""}
                </span>
              </p>
            </div>
            <div className="-ml-2.5 flex items-center gap-1 sm:ml-0">
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Move ${name} up`}
                disabledReason={refusal ?? (index === 0 ? "It is the first" : null)}
                onClick={() => onMove(field, -1)}
              >
                <ArrowUp aria-hidden="true" className="size-4" />
              </Button>
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Move ${name} down`}
                disabledReason={refusal ?? (index === fields.length - 1 ? "It is the last" : null)}
                onClick={() => onMove(field, 1)}
              >
                <ArrowDown aria-hidden="true" className="size-4" />
              </Button>
              <Button variant="ghost" size="icon" aria-label={`Edit ${name}`} onClick={() => onEdit(field)}>
                <Pencil aria-hidden="true" className="size-4" />
              </Button>
              {actionsOf(field)}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Marks({ field }: { readonly field: CustomField }) {
  return (
    <>
      {field.archivedAt === null ? null : <Badge tone="warn">Archived</Badge>}
      {field.isRequired ? <Badge>Required</Badge> : null}
      {field.visibility === "shoppers" ? <Badge tone="info">Shoppers see it</Badge> : <Badge>Staff only</Badge>}
      {field.isShopperEditable ? <Badge tone="info">Shoppers fill it in</Badge> : null}
      {field.isFilterable ? <Badge tone="good">Filter</Badge> : null}
      {field.isSearchable ? <Badge tone="good">Search</Badge> : null}
    </>
  );
}
