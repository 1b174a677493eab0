import { Menu } from "@base-ui/react/menu";
import { Check, Columns3 } from "lucide-react";
import type { Hidden } from "./hidden-columns.ts";

export interface ColumnPickerProps {
  readonly columns: readonly { readonly id: string; readonly header: string; readonly isFixed?: boolean }[];
  readonly hidden: Hidden;
  readonly onChange: (hidden: Hidden) => void;
}

/** Which columns are shown. */
export function ColumnPicker({ columns, hidden, onChange }: ColumnPickerProps) {
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label="Choose columns"
        title="Choose columns"
        className="grid size-7 place-items-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
      >
        <Columns3 aria-hidden="true" className="size-4" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className="z-50">
          <Menu.Popup className="min-w-44 rounded-lg border border-line bg-surface p-1 shadow-raised outline-none">
            {columns
              .filter((column) => !column.isFixed)
              .map(({ id, header }) => (
                <Menu.CheckboxItem
                  key={id}
                  checked={hidden[id] !== false}
                  onCheckedChange={(isShown) => onChange({ ...hidden, [id]: isShown })}
                  closeOnClick={false}
                  className="flex items-center gap-2 rounded-md px-2 py-1.5 font-normal text-ink outline-none data-highlighted:bg-sunken"
                >
                  <span className="size-4">
                    <Menu.CheckboxItemIndicator>
                      <Check aria-hidden="true" className="size-4" />
                    </Menu.CheckboxItemIndicator>
                  </span>
                  {header}
                </Menu.CheckboxItem>
              ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
