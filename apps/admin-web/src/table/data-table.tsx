import { columnVisibilityFeature, type DisplayColumnDef, tableFeatures, useTable } from "@tanstack/react-table";
import { type MouseEvent, type ReactNode, useMemo } from "react";
import { cn } from "../ui/cn.ts";
import { Skeleton } from "../ui/states.tsx";
import { ColumnPicker } from "./column-picker.tsx";
import { useHiddenColumns } from "./hidden-columns.ts";

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
  /** On a phone, where a number stands in it as well, it stands at the right edge. */
  readonly isAtEnd?: boolean;
  /** On narrower screens the column gives way; its facts must then stand in another cell. */
  readonly from?: "md" | "lg";
  /** The column that leads to the detail cannot be hidden. */
  readonly isFixed?: boolean;
}

const features = tableFeatures({ columnVisibilityFeature });
const NONE: readonly never[] = [];
const SKELETON_ROWS = 8;

const shownFrom = { md: "hidden md:table-cell", lg: "hidden lg:table-cell" } as const;

export interface DataTableProps<Row> {
  /** Under this name the chosen columns are remembered. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while nothing has ever been loaded. */
  readonly rows: readonly Row[] | undefined;
  readonly idOf: (row: Row) => string;
  /** Older rows are shown while newer ones are on their way. */
  readonly isStale: boolean;
  readonly onOpen: (row: Row) => void;
}

/** Rows of a list. A click anywhere opens the row; the link in its first cell is what a keyboard and a new tab use. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { name, caption, columns, rows, idOf, isStale, onOpen } = props;
  const { hidden, setHidden } = useHiddenColumns(name);
  const defs = useMemo(
    () => columns.map((column): DisplayColumnDef<typeof features, Row> => ({ id: column.id, header: column.header })),
    [columns],
  );
  const table = useTable({
    features,
    columns: defs,
    data: rows ?? NONE,
    getRowId: idOf,
    state: { columnVisibility: hidden },
    onColumnVisibilityChange: setHidden,
  });
  const shown = columns.filter((column) => hidden[column.id] !== false);
  return (
    <div className="relative">
      <table aria-label={caption} aria-busy={isStale || rows === undefined} className="w-full border-collapse">
        <thead>
          <tr className="text-left text-[12px] text-ink-soft [&>th]:bg-surface [&>th]:shadow-[inset_0_-1px_0_var(--line)] md:[&>th]:sticky md:[&>th]:top-0 md:[&>th]:z-10">
            {shown.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={cn("px-3 py-2 font-medium first:pl-4 last:pr-4", looks(column))}
              >
                {column.header}
              </th>
            ))}
            <th scope="col" className="hidden w-9 pr-2 md:table-cell">
              <span className="sr-only">Columns</span>
              <ColumnPicker columns={columns} hidden={hidden} onChange={setHidden} />
            </th>
          </tr>
        </thead>
        <tbody className={cn("transition-opacity", isStale && "opacity-60")}>
          {rows === undefined ? <SkeletonRows columns={shown} /> : null}
          {table.getRowModel().rows.map(({ id, original }) => (
            <Cells key={id} row={original} columns={shown} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellsProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly onOpen: (row: Row) => void;
}

function Cells<Row>({ row, columns, onOpen }: CellsProps<Row>) {
  return (
    <tr
      onClick={(event) => (isOwnClick(event) ? onOpen(row) : undefined)}
      className="cursor-pointer border-b border-line/70 last:border-0 hover:bg-sunken"
    >
      {columns.map((column) => (
        <td key={column.id} className={cn("px-3 py-2 align-middle first:pl-4 last:pr-4", looks(column))}>
          {column.cell(row)}
        </td>
      ))}
      <td className="hidden md:table-cell" />
    </tr>
  );
}

function looks<Row>({ isNumber, isAtEnd, from, isFixed }: Column<Row>): string {
  return cn(
    isNumber && "text-right tabular-nums",
    isAtEnd && "text-right md:text-left",
    from && shownFrom[from],
    isFixed && "w-full md:w-auto",
  );
}

/** A click on a link or button inside the row is theirs, and so is one that selects text. */
function isOwnClick({ target, currentTarget }: MouseEvent<HTMLElement>): boolean {
  const inner = target instanceof Element ? target.closest("a, button, input, label") : null;
  return (inner === null || !currentTarget.contains(inner)) && String(getSelection() ?? "") === "";
}

function SkeletonRows<Row>({ columns }: { readonly columns: readonly Column<Row>[] }) {
  return Array.from({ length: SKELETON_ROWS }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: these rows are all alike and never move.
    <tr key={index} className="border-b border-line/70">
      {columns.map((column) => (
        <td key={column.id} className={cn("px-3 py-3 first:pl-4", looks(column))}>
          <Skeleton className={cn("h-4", column.isNumber ? "ml-auto w-14" : "w-24 max-w-full")} />
        </td>
      ))}
      <td className="hidden md:table-cell" />
    </tr>
  ));
}
