/** Key -> text: what keyv asks of a store, and no more. Everything here may throw. */
export interface Records {
  readonly get: (key: string) => Promise<string | undefined>;
  readonly set: (key: string, text: string) => Promise<boolean>;
  readonly delete: (key: string) => Promise<boolean>;
  readonly clear: () => Promise<void>;
  /** `get` without waiting, where that is possible. */
  readonly read?: (key: string) => string | undefined;
}
