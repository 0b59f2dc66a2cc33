import type { Actor, RecordedType, TimeMeaning } from './events.ts';
import type { Json } from './evidence.ts';
import type { FactSeed } from './facts.ts';
import type { SeriesSeed } from './series.ts';
import type { Instant } from './time.ts';
import type { Issue } from './timeline/normalize.ts';

/** Records of one page at most, by their numbers: those that lie together were mostly written together. */
const PAGE = 1_024;

/** The page that tells a record, by the record's number. */
export function pageOf(no: number): number {
  return Math.floor(no / PAGE);
}

/** Raised where the form of a page changes, or those kept before may say something else than the bodies: those of another form say nothing. */
export const FORM = 4;

/**
 * What many records say, as columns: one list for each member, in which a number mostly is a place in one of the lists above it. A
 * hundred thousand events as objects take five times as long to parse as the same in columns.
 */
export interface Packed {
  readonly form: number;
  readonly texts: readonly string[];
  readonly lists: readonly (readonly string[])[];
  readonly actors: readonly Actor[];
  readonly values: readonly Json[];
  readonly facts: readonly FactSeed[];
  readonly molds: readonly Mold[];
  readonly origins: readonly Origin[];
  readonly records: PackedRecords;
  readonly events: PackedEvents;
  /** What events say, each once: the place of their names in `lists`, and of their values in `values`. */
  readonly attributes: readonly (readonly [names: number, ...values: number[]])[];
  /** Those of each record behind one another: places in `facts`. */
  readonly told: readonly number[];
  /** What few records have, by their place. */
  readonly issues: readonly (readonly [record: number, issues: readonly Issue[]])[];
  readonly series: readonly (readonly [record: number, series: readonly PackedSeries[]])[];
}

/** What events of one kind have in common: they differ in when, who, whose and in what they say. */
export interface Mold {
  readonly type: RecordedType;
  readonly timeMeaning: TimeMeaning;
  readonly minusMs: number;
  readonly plusMs: number;
  readonly pointer: string;
}

/** Where a record is from, and the code that read it. */
export interface Origin {
  readonly source: string;
  readonly stream: string;
  readonly normalizer: string;
}

/** Texts of which no two are alike, behind one another: one text is read faster than a thousand, and each is a part of it, not a copy. */
export interface PackedTexts {
  readonly text: string;
  readonly lengths: readonly number[];
}

/** In the order of their numbers. */
export interface PackedRecords {
  readonly no: readonly number[];
  readonly origin: readonly number[];
  readonly nativeId: PackedTexts;
  /** 0 where no event says otherwise. */
  readonly knowableAt: readonly (Instant | 0)[];
  /** How many of each are the record's own. */
  readonly events: readonly number[];
  readonly facts: readonly number[];
}

/** The events of a page in columns, each as long as there are events: what several share is held once and named by its place. */
export interface PackedEvents {
  readonly mold: readonly number[];
  readonly id: PackedTexts;
  /** What is looked at in place of the id to see whether any two are equal. */
  readonly mark: readonly number[];
  /** Texts of their own: parts of another are slow to compare, and instants are compared all the time. */
  readonly at: readonly Instant[];
  /** 0 is the time itself. */
  readonly knowableAt: readonly (Instant | 0)[];
  readonly originalTime: PackedTexts;
  /** One more than the place: 0 where there is none. */
  readonly actor: readonly number[];
  readonly url: readonly number[];
  readonly belongsTo: readonly number[];
  readonly correlationKeys: readonly number[];
  readonly attributes: readonly number[];
}

/** A chunk of a series: its points as two lists, and the starts as a step where they keep one. */
export interface PackedSeries {
  readonly seed: Omit<SeriesSeed, 'startsMs' | 'values'>;
  /** The first start and the step to the next, or every one. */
  readonly starts: { readonly from: number; readonly step: number } | readonly number[];
  readonly values: readonly number[];
}
