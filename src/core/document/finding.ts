/** What is wrong with a line of a document, by kind. */
export type FindingKind =
  | 'duration_contradicted'
  | 'durations_disagree'
  | 'order_wrong'
  | 'midnight_slip'
  | 'zone_slip'
  | 'clocks_disagree'
  | 'claim_unsupported'
  | 'event_missing'
  | 'differs_from_record'
  | 'placeholder_left'
  | 'action_without_owner'
  | 'action_without_date'
  | 'blame'
  | 'name_in_role';

/** `certain`: the document or the record says both; `likely`: by the usual reading; `possible`: for a person to look at. */
export type Sureness = 'certain' | 'likely' | 'possible';

/** One thing that a reader of the document should look at. */
export interface DocumentFinding {
  readonly line: number;
  readonly kind: FindingKind;
  /** What the document says, in its own words. */
  readonly stated: string;
  /** What follows from the rest of it, or from the record, in a sentence. */
  readonly follows: string;
  readonly sure: Sureness;
  /** `explained`: it differs, and the document says why: only support hours counted, "approximately". It fails no check. */
  readonly verdict: 'wrong' | 'explained';
}
