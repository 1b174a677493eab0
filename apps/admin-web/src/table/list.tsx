import type { LucideIcon } from "lucide-react";
import { SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { EmptyState, ErrorState } from "../ui/states.tsx";
import { type Column, DataTable } from "./data-table.tsx";
import { Pager } from "./pager.tsx";
import type { Paging } from "./paging.ts";

export interface ListPage<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
  readonly total: number;
}

export interface ListProps<Row> {
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  readonly query: {
    readonly data: ListPage<Row> | undefined;
    readonly error: unknown;
    readonly isPlaceholderData: boolean;
    readonly refetch: () => unknown;
  };
  readonly paging: Paging;
  readonly onPage: (paging: Paging) => void;
  /** Whether a search or filter narrows the list: then nothing found is another matter than nothing there. */
  readonly isFiltered: boolean;
  readonly onClear: () => void;
  readonly empty: { readonly icon: LucideIcon; readonly title: string; readonly words: ReactNode };
}

/** A list in all that can become of it: on its way, there, empty, without a match, refused. */
export function List<Row extends object>(props: ListProps<Row>) {
  const { query, paging, onPage, isFiltered, onClear, empty } = props;
  const { error } = query;
  // The rows of another question may stay until the answer is there; that it had none says nothing of this one.
  const data = query.isPlaceholderData && query.data?.items.length === 0 ? undefined : query.data;
  if (error && !data) {
    return (
      <Card isFlush>
        <ErrorState error={error} onRetry={query.refetch} />
      </Card>
    );
  }
  if (data?.items.length === 0 && paging.cursor === undefined) {
    return (
      <Card isFlush>
        {isFiltered ? (
          <EmptyState icon={SearchX} title="Nothing matches" action={<Button onClick={onClear}>Clear filters</Button>}>
            Nothing here fits the search and the filters.
          </EmptyState>
        ) : (
          <EmptyState icon={empty.icon} title={empty.title}>
            {empty.words}
          </EmptyState>
        )}
      </Card>
    );
  }
  return (
    <Card isFlush>
      <DataTable
        name={props.name}
        caption={props.caption}
        columns={props.columns}
        rows={data?.items}
        idOf={props.idOf}
        isStale={query.isPlaceholderData}
        onOpen={props.onOpen}
      />
      {data ? (
        <Pager
          paging={paging}
          shown={data.items.length}
          total={data.total}
          nextCursor={data.nextCursor}
          onPage={onPage}
        />
      ) : null}
    </Card>
  );
}
