import { type DefinitionForm, offeredRights } from "./definition.ts";
import type { KindLimitsProps } from "./kind-limits.tsx";

const fillers: Partial<Record<DefinitionForm["entity"], string>> = {
  order: "Shoppers fill it in on the cart",
  order_line: "Shoppers fill it in on each line of the cart",
  return: "Shoppers fill it in when they send something back",
};

/** Who sees it, who fills it in, and what it is good for. Only what can be is offered. */
export function Rights({ form, change, errors }: KindLimitsProps) {
  const offered = offeredRights(form);
  const rows: readonly [name: keyof DefinitionForm, text: string, isOffered: boolean][] = [
    ["isRequired", "Must be filled in", true],
    ["isShown", "Shoppers see it", offered.shown],
    ["isShopperEditable", fillers[form.entity] ?? "Customers fill it in", offered.shopperEditable],
    ["isFilterable", "Shoppers filter by it", offered.filterable],
    ["isSearchable", "Its words find the product", offered.searchable],
    ["isPersonal", "Goes when the customer is erased", offered.personal],
  ];
  const problem = ["visibility", "isShopperEditable", "isFilterable", "isSearchable"].flatMap(
    (name) => errors.get(name) ?? [],
  );
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-[13px] font-medium text-ink-soft">Use</legend>
      {rows
        .filter(([, , isOffered]) => isOffered)
        .map(([name, text]) => (
          <label key={name} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={form[name] === true}
              onChange={(event) => change(withoutUnoffered(form, { [name]: event.target.checked }))}
            />
            {text}
          </label>
        ))}
      {problem.length > 0 ? (
        <p role="alert" className="text-[13px] text-bad">
          {problem[0]}
        </p>
      ) : null}
    </fieldset>
  );
}

/** What nobody can see any more, nobody fills in or filters by. */
function withoutUnoffered(form: DefinitionForm, members: Partial<DefinitionForm>): Partial<DefinitionForm> {
  const offered = offeredRights({ ...form, ...members });
  return {
    ...members,
    ...(!offered.shopperEditable && { isShopperEditable: false }),
    ...(!offered.filterable && { isFilterable: false }),
    ...(!offered.searchable && { isSearchable: false }),
  };
}
