import type { AnyConnector } from '../contract/connector.ts';
import type { EvidenceRecord } from '../core/evidence.ts';
import type { Shared } from '../core/shared.ts';
import { type Normalized, type Stamped, stamp } from '../core/timeline/normalize.ts';
import type { PlanRead } from './plan-case.ts';

/** What a stored record says, by the connector that read it. A stream that the connector no longer knows says so. */
export function interpret(record: EvidenceRecord, connector: AnyConnector, shared?: Shared): Stamped {
  const stream = connector.streams.find(({ spec }) => spec.id === record.stream);
  const normalized = stream ? normalizeSafely(record, stream) : unreadable(`${connector.id} has no stream ${record.stream}`);
  return stamp(record, normalized, connector.normalizer, shared);
}

/** A normalizer must not throw; one that does loses one record, with an issue that says so, and not the draft. */
function normalizeSafely(record: EvidenceRecord, stream: AnyConnector['streams'][number]): Normalized {
  try {
    return stream.normalize(record);
  } catch (error) {
    return unreadable(`a fault of ours in reading it: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

function unreadable(problem: string): Normalized {
  return { events: [], issues: [{ pointer: '', problem }] };
}

/** What the plan needs of it: no body and no points. */
export function toPlanRead({ record, events, facts }: Stamped): PlanRead {
  return { source: record.source, stream: record.stream, events, facts };
}
