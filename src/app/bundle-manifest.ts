import { DEFAULT_POLICY } from '../core/analysis/policy.ts';
import type { Snapshot } from '../core/case.ts';
import { OFFSET_PATTERN } from '../core/clocks.ts';
import type { EvidenceId, Json } from '../core/evidence.ts';
import { durationMs, parseInstant } from '../core/time.ts';
import type { Line } from './bundle-lines.ts';
import { AppError } from './errors.ts';
import { toJson } from './snapshot.ts';

/** What this version writes and reads. */
export const FORMAT = 'hindcast-bundle/1';

/** A member of any name, each like the example's. */
const EACH = '*';
const WINDOW = { from: '', to: '' };

/** The members that a manifest must have, by an example of each: what is of another kind of value is refused. */
const EXAMPLE = {
  engine: '',
  normalizers: { [EACH]: '' },
  incidents: [''],
  windows: { incident: WINDOW, changes: WINDOW, baseline: WINDOW },
  takenAt: '',
  policy: toJson({ ...DEFAULT_POLICY, targets: { [EACH]: '' }, impact_metrics: [{ metric: '' }] }),
  services: [{ name: '', owns: {}, depends_on: [''] }],
  people: [{ role: '', names: [''] }],
  draft: { authors: [''], code: '' },
  coverage: [{ source: '', stream: '', need: '', status: '', window: WINDOW, gaps: [{ window: WINDOW, reason: '', detail: '' }] }],
  lastEdit: 0,
} as const satisfies Record<string, Json>;

/** Members that a manifest may have, in the same way. */
const OPTIONAL = { asOf: '', asked: WINDOW, subject: [''], joined: [''] } as const satisfies Record<string, Json>;

/**
 * The snapshot that a manifest pins. Whoever made the file may have written anything: throws AppError('usage') for what
 * the rest of the program could not work with. Where it was stored before says nothing here and is left out.
 */
export function readManifest({ value }: Line, evidence: readonly EvidenceId[]): Snapshot {
  if (value['format'] !== FORMAT) {
    throw new AppError(
      'usage',
      `line 1 of the bundle states the format ${JSON.stringify(value['format'] ?? null)}; this version reads ${FORMAT}`,
    );
  }
  const given = Object.entries(OPTIONAL).filter(([name]) => value[name] !== undefined);
  for (const [name, example] of [...Object.entries(EXAMPLE), ...given]) {
    if (!isLike(value[name], example)) throw new AppError('usage', `line 1 of the bundle (manifest) has no usable \`${name}\``);
  }
  const { format: _, root: _root, redacted: _redacted, run: _run, origin: _origin, ...pinned } = value;
  const snapshot: Snapshot = JSON.parse(JSON.stringify({ ...pinned, evidence }));
  if (snapshot.incidents.length === 0 || instantsOf(snapshot).some((at) => parseInstant(at) !== at)) {
    throw new AppError('usage', 'line 1 of the bundle (manifest) names no incident, or a time that is none');
  }
  if (!durationsOf(snapshot).every(isDuration) || !areOffsets(snapshot.policy.clock_offsets)) {
    throw new AppError('usage', 'line 1 of the bundle (manifest) has a length in its `policy` that is none');
  }
  return snapshot;
}

function instantsOf({ takenAt, asOf, asked, windows, coverage }: Snapshot): readonly string[] {
  const told = coverage.flatMap(({ window, gaps }) => [window, ...gaps.map((gap) => gap.window)]);
  const ends = [...Object.values(windows), ...(asked ? [asked] : []), ...told].flatMap(({ from, to }) => [from, to]);
  return [takenAt, ...ends, ...(asOf === undefined ? [] : [asOf])];
}

function durationsOf({ policy }: Snapshot): readonly string[] {
  const { settle, stable_for, mitigation_within, windows, targets } = policy;
  return [settle, stable_for, mitigation_within, ...Object.values(windows), ...Object.values(targets)];
}

function isDuration(text: string): boolean {
  try {
    return durationMs(text) >= 0;
  } catch {
    return false;
  }
}

/** Absent in every bundle whose policy corrects no clock. */
function areOffsets(offsets: unknown): boolean {
  if (offsets === undefined) return true;
  if (typeof offsets !== 'object' || offsets === null || Array.isArray(offsets)) return false;
  return Object.values(offsets).every((text) => typeof text === 'string' && new RegExp(OFFSET_PATTERN).test(text));
}

/** Whether a value has the members of the example, each of its kind; of a list each item is like the example's first. */
function isLike(value: Json | undefined, example: Json): boolean {
  if (value === undefined) return false;
  if (Array.isArray(example))
    return Array.isArray(value) && (example.length === 0 || value.every((item) => isLike(item, example[0] ?? null)));
  if (example === null || typeof example !== 'object') return example === null || typeof value === typeof example;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const members = new Map(Object.entries(value));
  return Object.entries(example).every(([name, inner]) =>
    name === EACH ? [...members.values()].every((member) => isLike(member, inner)) : isLike(members.get(name), inner),
  );
}
