export { type FieldBreaches, findBreaches, type HeldValue, type HeldValues, heldInPages, holding } from "./breaches.ts";
export {
  type CustomField,
  countMaxOf,
  type FieldDefinition,
  type FieldEntity,
  type FieldValues,
  fieldEntities,
  fieldKey,
  fieldPatchSchema,
  fieldValuesSchema,
  referencePrefix,
} from "./custom-field.ts";
export {
  type AllFields,
  customFieldsSetting,
  type ReadFields,
  readFields,
  readFieldsFresh,
  shareFields,
} from "./fields.ts";
export { fieldsChanged } from "./messages.ts";
export {
  changedBy,
  changedByStaff,
  type FindTargets,
  leadingNowhere,
  newReferences,
  type Reference,
  type TargetsDeps,
} from "./references.ts";
export { choicesError, lengthError, rangeError } from "./rules.ts";
export {
  archiveField,
  arrangeFields,
  arrangeFieldsSchema,
  atFieldSchema,
  deleteField,
  type FieldWrite,
  restoreField,
  saveField,
  saveFieldSchema,
} from "./save-field.ts";
export {
  changedValues,
  type FieldPatch,
  patched,
  shownToShoppers,
  type ValuesChange,
  valueError,
  valuesErrors,
  withDefaults,
} from "./values.ts";
