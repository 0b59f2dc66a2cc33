import type { CheckReport } from '../contract/connector.ts';
import type { Snapshot } from '../core/case.ts';
import type { DraftComparison } from '../core/draft/comparison.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EvidenceRecord } from '../core/evidence.ts';
import type { Summary } from '../core/summary.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Pulled } from '../core/timeline/coverage.ts';
import type { Asserted, AssertRequest } from './assert.ts';
import type { BlockChange, BlockState } from './edit-blocks.ts';
import type { EditFile, EditsImported } from './edit-files.ts';
import type { Imported, ImportRequest } from './import.ts';
import type { Proposed } from './init.ts';
import type { PurgeReport, PurgeRequest } from './purge.ts';
import type { SummaryRequest } from './summary.ts';
import type { Delivery, Received } from './webhook.ts';
import type { NoteState } from './webhook-ports.ts';

/** Which case is meant: an incident by id, number or URL (`SOURCE/` or `SOURCE~` before it where several could be meant), or a window that never paged. */
export type Select =
  | { readonly kind: 'incident'; readonly id: string }
  | { readonly kind: 'window'; readonly window: Window; readonly service?: string };

/** How far one question of a pull is. */
export interface Progress {
  readonly source: string;
  readonly stream: string;
  /** Which of the stream's questions: several are asked beside each other. */
  readonly question: string;
  /** Read by this question so far. */
  readonly records: number;
  /** The source said "later": so long nothing comes of this stream. */
  readonly waitMs?: number;
}

/** Which draft is wanted. */
export interface DraftRequest {
  readonly select: Select;
  /** Further incidents of the same outage, as ids. */
  readonly with?: readonly string[];
  /** False: no past or related incidents are looked for. */
  readonly related?: boolean;
  /** In place of the window that the incident's own times and the policy give. */
  readonly window?: Window;
  readonly asOf?: Instant;
  /** The time that it is drafted at, in place of now: a backfill's drafts are all made as at the moment when it was submitted. */
  readonly takenAt?: Instant;
  readonly authors?: readonly string[];
  /** Nothing is asked of any source: the stored snapshot, else what earlier pulls of the same questions left. */
  readonly offline?: boolean;
  /** Ask the sources again even where a complete draft of a closed incident is stored. */
  readonly refresh?: boolean;
  /** Keep no new draft where the sources said just what the newest one rests on. */
  readonly onlyIfChanged?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** A draft with what it was made from. */
export interface Drafted {
  readonly draftId: string;
  readonly snapshot: Snapshot;
  readonly draft: Draft;
  /** A needed stream has a gap: exit 3. */
  readonly partial: boolean;
}

/** Of which time the evidence is wanted. */
export interface PullRequested {
  readonly window: Window;
  readonly service?: string;
  readonly dryRun?: boolean;
  /** The evidence as a bundle's text, too: all of it is held in memory for that. */
  readonly bundle?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a pull gave, stream by stream; of a dry run what it would ask and cost, in US dollars. */
export interface PullReport {
  readonly streams: readonly {
    readonly source: string;
    readonly stream: string;
    readonly requests: number;
    readonly usd?: number;
    readonly records: number;
    readonly pulled?: Pulled;
  }[];
  /** Of a dry run: what each metric of an alarm that moved adds, since which these are only the first answers tell. */
  readonly perMetric?: readonly { readonly source: string; readonly requests: number; readonly usd: number }[];
  readonly partial: boolean;
  /** The evidence read as a bundle's text, where it was asked for; else empty. */
  readonly bundle: string;
}

/** What was found of one source. */
export interface SourceChecked {
  readonly source: string;
  readonly connector: string;
  readonly report: CheckReport;
  readonly ok: boolean;
}

/** Whether a draft that was made again is the same to the byte. */
export interface Reproduced {
  readonly draftId: string;
  readonly same: boolean;
  readonly detail: string;
}

/** The use cases, as the surfaces see them. Every method throws AppError and nothing else on purpose. */
export interface App {
  draft(request: DraftRequest): Promise<Drafted>;
  /** The newest stored draft of an incident, with nothing asked of any source. Throws `not_stored`. */
  stored(id: string): Promise<Drafted>;
  /** The id of that draft, with nothing read but the id; nothing where none is stored, or where its incident is written in a way not met before. */
  newest(id: string): Promise<string | undefined>;
  pull(request: PullRequested): Promise<PullReport>;
  check(signal?: AbortSignal): Promise<readonly SourceChecked[]>;
  /** What the configuration names beside sources, by what a draft would meet: asks no source. */
  checkSettings(): Promise<CheckReport['checks']>;
  /** What the sources have, as services that a person may take over. Writes nothing. */
  propose(signal?: AbortSignal): Promise<Proposed>;
  reproduce(id: string): Promise<Reproduced>;
  /** The bundle's text. `roles` turns names into roles and marks it `redacted`. */
  exportBundle(id: string, options: { readonly roles: boolean }): Promise<string>;
  /** Checks every hash and stores it under `bundle:<root>`. */
  importBundle(text: string): Promise<{ readonly root: string; readonly draftId: string; readonly incident: string }>;
  /** A draft straight from a bundle's text, as it was pinned or as of an earlier time: no store is written, no source is known. */
  draftBundle(text: string, asOf?: Instant): Promise<Drafted>;
  reproduceBundle(text: string): Promise<Reproduced>;
  /** Keeps a human fact as evidence: every later draft of the incident rests on it. */
  assert(request: AssertRequest): Promise<Asserted>;
  /** Keeps what a file of another system tells; `incident` is the one that all its records are of. */
  importFile(request: ImportRequest & { readonly incident?: string }): Promise<Imported>;
  /** A block of the newest draft, with what its next change must send. Throws `not_stored`. */
  block(id: string, block: string): Promise<BlockState>;
  /** One human edit; the newest draft has it at once. Throws `conflict` with both texts, `computed`, `not_stored`. */
  editBlock(id: string, edit: { readonly change: BlockChange; readonly author: string }): Promise<BlockState>;
  /** A hand-edited draft back into the store; `incident` is needed only where the file does not say which draft it is of. */
  importEdits(file: Omit<EditFile, 'key'> & { readonly incident?: string }): Promise<EditsImported>;
  /** Whether a file, before a draft is written over it, has what a person typed and no draft has. */
  hasUnsavedWords(text: string): Promise<boolean>;
  /** What moved between two drafts of an incident, by default the last two. */
  compare(id: string, drafts: { readonly from?: string; readonly to?: string }): Promise<DraftComparison>;
  /** Durations over the drafted incidents that began in a window; no source is asked. */
  summary(request: SummaryRequest): Promise<Summary>;
  /** Notes what a vendor delivered: drafts become due, nothing is asked yet. */
  receive(delivery: Delivery): Promise<Received>;
  /** What came of the last note that went back to an incident; nothing where none was to be written. */
  noteOf(id: string): Promise<NoteState | undefined>;
  /** Makes the drafts that are due, and their notes, until it is told to stop. */
  keepDrafting(signal: AbortSignal): Promise<void>;
  /** Purges what `storage.keep_evidence` no longer keeps, or says what would go. Throws `config` where it is not set, `interrupted`. */
  purge(request: PurgeRequest): Promise<PurgeReport>;
  evidence(id: string): Promise<EvidenceRecord | undefined>;
  incidents(filter: {
    readonly from?: Instant;
    readonly to?: Instant;
    readonly limit: number;
    readonly before?: string;
    readonly service?: string;
  }): Promise<readonly { readonly draftId: string; readonly snapshot: Snapshot }[]>;
  /** Resolves when the store answers; throws where it does not. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
