import type { Clock, DraftStore, EvidenceStore, FileReader, Log, Settings, Sources } from './ports.ts';
import type { Retention } from './retention-ports.ts';
import type { Deliveries, Notes } from './webhook-ports.ts';

/** All that the use cases need of the world outside. The composition root fills it; a test gives its own. */
export interface AppDeps {
  readonly settings: Settings;
  readonly sources: Sources;
  readonly evidence: EvidenceStore;
  readonly drafts: DraftStore;
  readonly deliveries: Deliveries;
  readonly retention: Retention;
  readonly notes: Notes;
  readonly files: FileReader;
  readonly clock: Clock;
  readonly log: Log;
  /** What interprets the evidence, as a snapshot names it: `hindcast/0.1.0`. */
  readonly engine: string;
  /** Resolves when the store answers. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}
