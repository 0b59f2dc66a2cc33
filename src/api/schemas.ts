import Type from 'typebox';

/** What the answers are, for OpenAPI. Every field that stands here is there; what a draft holds below them, `hindcast draft --format json` shows. */
const Instant = Type.String({ description: 'RFC 3339 in UTC with milliseconds' });
const Moment = Type.Object({ at: Instant, minusMs: Type.Number({ minimum: 0 }), plusMs: Type.Number({ minimum: 0 }) });
const Window = Type.Object({ from: Instant, to: Instant });
const Windows = Type.Object({ incident: Window, changes: Window, baseline: Window });
const Open = Type.Object({});

const Event = Type.Object({
  id: Type.String({ description: 'SOURCE/STREAM/KEY#TYPE; derived/… for what was computed' }),
  type: Type.String({ description: 'such as incident.acknowledged' }),
  time: Moment,
  timeMeaning: Type.String(),
  attributes: Open,
});

const Entry = Type.Object({
  kind: Type.Enum(['single', 'span']),
  key: Type.String({ description: "Key of the draft's row that words it" }),
  event: Event,
  corroboratedBy: Type.Array(Event),
  belongs: Type.Object({ service: Type.String(), why: Type.Optional(Type.String()) }),
  until: Type.Optional(Moment),
  members: Type.Optional(Type.Array(Event)),
  localTime: Type.Optional(Type.String({ description: 'In the zone that was asked for, where that is not UTC' })),
});

const CaseHeader = Type.Object({
  incidents: Type.Array(
    Type.Object({ id: Type.String(), title: Type.String(), status: Type.Enum(['open', 'resolved', 'merged', 'not_opened']) }),
    { minItems: 1 },
  ),
  services: Type.Array(Type.String()),
  authors: Type.Array(Type.String()),
  windows: Windows,
  takenAt: Instant,
  asOf: Type.Optional(Instant),
});

const Milestones = Type.Record(Type.String(), Type.Object({ known: Type.Boolean() }), {
  description: 'By name: a time with its bounds, or why none is known',
});
const Durations = Type.Record(Type.String(), Open, { description: 'By name: a length with its bounds, or why none is known' });

const Draft = Type.Object(
  {
    id: Type.String(),
    case: CaseHeader,
    analysis: Type.Object({
      timeline: Type.Array(Entry),
      milestones: Milestones,
      durations: Durations,
      changes: Type.Array(Open),
      suspects: Type.Array(Open),
      suspectVerdict: Type.String(),
      findings: Type.Array(Open),
      coverage: Type.Array(Type.Object({ source: Type.String(), stream: Type.String(), status: Type.String() })),
    }),
    series: Type.Array(
      Type.Object({ key: Type.String(), label: Type.String(), periodMs: Type.Number(), points: Type.Array(Type.Array(Type.Any())) }),
    ),
    sections: Type.Array(
      Type.Object({
        key: Type.String(),
        heading: Type.String(),
        blocks: Type.Array(Type.Object({ key: Type.String(), kind: Type.String() })),
      }),
    ),
    edits: Type.Array(Open),
  },
  { description: 'The draft; its analysis holds all that its sentences rest on' },
);

const Incident = Type.Object({
  draft: Type.String({ description: "The draft's id" }),
  partial: Type.Boolean({ description: 'Something that the draft needs could not be read' }),
  case: CaseHeader,
  milestones: Milestones,
  durations: Durations,
  suspectVerdict: Type.String(),
  note: Type.Optional(
    Type.Object(
      {
        draft: Type.String(),
        state: Type.Enum(['due', 'written', 'failed']),
        reason: Type.Optional(Type.String({ description: 'Why it is not written, or was not at the last try' })),
      },
      { description: 'The last note that went back to the incident, where the configuration asks for notes' },
    ),
  ),
});

const Timeline = Type.Object({ incident: Type.String(), draft: Type.String(), tz: Type.String(), timeline: Type.Array(Entry) });

const Evidence = Type.Object({
  id: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  source: Type.String(),
  stream: Type.String(),
  nativeId: Type.String(),
  body: Type.Any({ description: 'As the source sent it, secrets redacted' }),
  observedTime: Instant,
});

const Incidents = Type.Object({
  incidents: Type.Array(Type.Object({ id: Type.String(), draft: Type.String(), windows: Windows, takenAt: Instant })),
  next: Type.Union([Type.String(), Type.Null()], { description: 'The cursor of the next page; null on the last' }),
});

const Asserted = Type.Object({
  evidence: Type.String(),
  incident: Type.String(),
  farMs: Type.Optional(Type.Number({ description: 'How far the time lies from the incident, where that is more than a week' })),
});

const Count = Type.Integer({ minimum: 0 });
const Summarized = Type.Object({
  name: Type.String(),
  label: Type.String(),
  measured: Count,
  indistinct: Count,
  inverted: Count,
  running: Count,
  unknown: Count,
  median: Type.Optional(Type.Number({ description: 'Milliseconds; absent below five' })),
  quartiles: Type.Optional(Type.Array(Type.Number(), { description: 'The first and the third' })),
  list: Type.Array(Type.Object({ incident: Type.String(), ms: Type.Number(), minMs: Type.Number(), maxMs: Type.Number() })),
});
const Summary = Type.Object({
  window: Window,
  by: Type.Optional(Type.String()),
  incidents: Count,
  groups: Type.Array(
    Type.Object({
      key: Type.Optional(Type.String()),
      incidents: Count,
      partial: Count,
      onsetKnown: Count,
      comparable: Type.Boolean({ description: 'Enough incidents to be set beside another group' }),
      durations: Type.Array(Summarized),
    }),
  ),
  leftOut: Type.Object({ bundles: Count, windows: Count, merged: Count }),
});

const Block = Type.Object({
  key: Type.String(),
  state: Type.Enum(['generated', 'hidden', 'edited', 'inserted', 'stale', 'orphaned']),
  text: Type.String({ description: "What the document shows: a person's words as Markdown, else ours" }),
  generatedNow: Type.Optional(Type.String({ description: 'Ours now, where it is another' })),
  author: Type.Optional(Type.String()),
  wording: Type.Optional(
    Type.Array(Type.Object({ said: Type.String(), kinder: Type.String() }), {
      description: 'Words of a person that blame somebody, each with a kinder one; nothing is changed',
    }),
  ),
  generated: Type.String({ description: 'The digest of ours: the `generated` of the next change' }),
  after: Type.Integer({ minimum: 0, description: 'The number of the last edit: the `after` of the next change' }),
  draft: Type.String({ description: "The draft's id" }),
});
const Moves = Type.Array(Type.Object({ key: Type.String(), was: Type.Optional(Type.String()), is: Type.Optional(Type.String()) }));
const Comparison = Type.Object({
  from: Type.String(),
  to: Type.String(),
  entries: Moves,
  milestones: Moves,
  durations: Moves,
  texts: Moves,
  edits: Moves,
  stale: Type.Array(
    Type.Object({
      key: Type.String(),
      state: Type.Enum(['stale', 'orphaned']),
      author: Type.String(),
      was: Type.Optional(Type.String()),
      is: Type.Optional(Type.String()),
    }),
  ),
});

const text = { schema: { type: 'string' } } as const;
const json = (schema: object) => ({ 'application/json': { schema } });

/** The good answers by status, as a route's `schema.response` takes them; errors are added to every route. */
export const ANSWERS = {
  draft: {
    200: {
      description: 'The draft, in the kind that Accept asks for',
      content: { ...json(Draft), 'text/markdown': text, 'text/html': text },
    },
  },
  running: {
    202: {
      description: 'It is being made: its Location tells when it is done',
      content: json(Type.Object({ task: Type.String(), status: Type.Enum(['running']) })),
    },
  },
  figure: { 200: { description: 'The graph', content: { 'image/svg+xml': text } } },
  incident: { 200: { description: 'The incident', content: json(Incident) } },
  timeline: { 200: { description: 'The merged timeline', content: json(Timeline) } },
  incidents: { 200: { description: 'One page', content: json(Incidents) } },
  evidence: { 200: { description: 'The record', content: json(Evidence) } },
  summary: { 200: { description: 'Durations by group', content: { ...json(Summary), 'text/csv': text } } },
  block: { 200: { description: 'The block as it stands now', content: json(Block) } },
  inserted: { 201: { description: 'The block with its new key', content: json(Block) } },
  moved: { 200: { description: 'What moved', content: json(Comparison) } },
  received: {
    202: {
      description: 'It is noted; or it was before, or nothing comes of it',
      content: json(Type.Object({ received: Type.Enum(['due', 'repeated', 'ignored']) })),
    },
  },
  live: { 200: { description: 'It does', content: json(Type.Object({ status: Type.Enum(['live']) })) } },
  ready: {
    200: { description: 'It does', content: json(Type.Object({ status: Type.Enum(['ready']) })) },
    503: {
      description: 'It does not: nothing is lost, and what is asked for later finds it again',
      content: json(Type.Object({ status: Type.Enum(['unavailable']), detail: Type.String() })),
    },
  },
  asserted: { 201: { description: 'The fact is kept: every later draft rests on it', content: json(Asserted) } },
} as const;

/** RFC 9457, the form of every error. */
export const PROBLEM = {
  description: 'What went wrong, and under which request id the log has it',
  content: {
    'application/problem+json': {
      schema: Type.Object({
        type: Type.String({ description: 'urn:hindcast:problem:CODE, stable' }),
        title: Type.String(),
        status: Type.Integer(),
        detail: Type.String(),
        instance: Type.String(),
        requestId: Type.String(),
      }),
    },
  },
} as const;
