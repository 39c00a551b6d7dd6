/** One step of the schema. Once released it is never changed: what has to change comes as the next step. */
export interface Migration {
  /** Version of the schema after it, one more than the step before. */
  readonly version: number;
  /** SQL without values, run in one transaction together with the new version number. */
  readonly sql: string;
}
