/** The face of Hindcast that a connector sees: everything it may import of us stands here. */
export { canonical, digest } from '../core/digest.ts';
export type { Actor, EventSeed, RecordedType, TimeMeaning } from '../core/events.ts';
export type { EvidenceId, EvidenceRecord, Json } from '../core/evidence.ts';
export type { FactSeed } from '../core/facts.ts';
export { isOwnNote } from '../core/own-note.ts';
export { cutDeep } from '../core/redact.ts';
export type { SeriesSeed } from '../core/series.ts';
export type { Instant, Moment, Window } from '../core/time.ts';
export { addMs, durationMs, epochMs, instantAt, momentOf, parseInstant } from '../core/time.ts';
export type { Gap, GapReason } from '../core/timeline/coverage.ts';
export type { Normalized } from '../core/timeline/normalize.ts';
export { isAllowedAddress } from './address.ts';
export type { Calls } from './calls.ts';
export { atMost } from './calls.ts';
export type {
  AnyConnector,
  CheckReport,
  Connector,
  Kit,
  ObservedLimits,
  PullItem,
  PullRequest,
  RawRecord,
  SourceLimits,
  Stream,
  StreamSpec,
  ToldQuestion,
} from './connector.ts';
export { defineConnector } from './connector.ts';
export type { SourceErrorReason } from './errors.ts';
export { SourceError } from './errors.ts';
export type { NoteAccess, NoteTaker, NoteWriter } from './notes.ts';
export type { Part } from './parts.ts';
export { eachKey } from './parts.ts';
export type { Reader } from './schema.ts';
export { reader } from './schema.ts';
