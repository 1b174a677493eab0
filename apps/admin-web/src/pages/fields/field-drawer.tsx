import type { CustomField, FieldEntity } from "../../fields/field.ts";
import { entityNames } from "../../fields/field.ts";
import { FormDialog } from "../../form/form-dialog.tsx";
import { DefinitionEditor } from "./definition-editor.tsx";

export interface FieldDrawerProps {
  readonly entity: FieldEntity;
  /** The field that is edited, "new" for one that is to be, null closes the drawer. */
  readonly editing: CustomField | "new" | null;
  readonly onClose: () => void;
}

/** Defines a field, or changes one. */
export function FieldDrawer({ entity, editing, onClose }: FieldDrawerProps) {
  const before = editing === "new" ? null : editing;
  return (
    <FormDialog
      kind="drawer"
      isOpen={editing !== null}
      onClose={onClose}
      title={before === null ? `New field of ${entityNames[entity].toLowerCase()}` : "Edit field"}
      description={before ? <code>{before.key}</code> : null}
    >
      {editing === null ? null : (
        <DefinitionEditor key={before?.key ?? "new"} entity={entity} before={before} onDone={onClose} />
      )}
    </FormDialog>
  );
}
