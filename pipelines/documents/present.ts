/** Fields that may be undefined, as fields that may be absent. */
export type Present<T> = { readonly [Field in keyof T as undefined extends T[Field] ? never : Field]: T[Field] } & {
  readonly [Field in keyof T as undefined extends T[Field] ? Field : never]?: Exclude<T[Field], undefined>;
};

/** The same object without its undefined fields. */
export const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
