import { analyze } from '../../src/core/analysis/analyze.ts';
import type { Case } from '../../src/core/case.ts';
import { compose } from '../../src/core/draft/compose.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import { addMs } from '../../src/core/time.ts';
import { drawWorld } from '../accuracy/worlds/world.ts';
import { pagerDutyAlone, sample, stillOpen, type Told, withGaps } from '../core/draft/tellings.ts';
import { eventOf, instant, windowOf } from './events.ts';
import { randomOf } from './random.ts';
import { SAMPLE_COVERAGE, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from './sample-case.ts';

const WORLDS = 60;
const PARTS = 60;

export interface NamedDraft {
  readonly name: string;
  readonly theCase: Case;
  readonly draft: Draft;
}

/** Drafts of many shapes: told by hand, cut short, with parts missing, of a quiet window, and of generated worlds. */
export function manyDrafts(): readonly NamedDraft[] {
  return [
    ...Object.entries({ sample, pagerDutyAlone, stillOpen, withGaps }).map(([name, tell]) => toldDraft(name, tell())),
    ...['14:34', '14:36', '14:44', '14:46', '14:51'].map((clock) => draftOf(`as of ${clock}`, cutAt(clock))),
    draftOf('quiet', sampleCase({ incidents: ['w~20240115T100000Z~20240115T110000Z~api'], asked: windowOf('10:00', '11:00'), facts: [] })),
    draftOf(
      'flooded',
      sampleCase({ events: [...SAMPLE_EVENTS, ...flood(300, () => 'retry'), ...flood(300, (number) => 'x'.repeat(number))] }),
    ),
    ...Array.from({ length: PARTS }, (_, seed) => draftOf(`part ${seed}`, partOf(seed))),
    ...Array.from({ length: WORLDS }, (_, seed) => draftOf(`world ${seed}`, drawWorld(seed + 1).theCase)),
  ];
}

function toldDraft(name: string, { theCase, analysis }: Told): NamedDraft {
  return { name, theCase, draft: compose(theCase, analysis, [], 'sha256:0') };
}

function draftOf(name: string, theCase: Case): NamedDraft {
  return toldDraft(name, { theCase, analysis: analyze(theCase) });
}

/** A message every fifteen seconds: of one author where all say the same, else of three. */
function flood(count: number, textOf: (number: number) => string): readonly RecordedEvent[] {
  return Array.from({ length: count }, (_, number) =>
    eventOf('message.posted', addMs(instant('14:00'), number * 15_000), {
      key: `${textOf(1)}-${number}`,
      source: 'slack',
      stream: 'events',
      actor: { kind: 'person', id: `slack:user:${textOf(number) === textOf(0) ? 0 : number % 3}` },
      belongsTo: ['pagerduty/service:PAPI001'],
      attributes: { text: `${textOf(number)} ${number}` },
    }),
  );
}

function cutAt(clock: string): Case {
  const now = instant(clock);
  return sampleCase({ now, asOf: now, events: SAMPLE_EVENTS.filter(({ time }) => time.at <= now) });
}

/** The sample with a part of its events, facts and coverage, so that sentences about what is missing are made. */
function partOf(seed: number): Case {
  const random = randomOf(seed + 1);
  const some = <T>(items: readonly T[], share: number) => items.filter(() => random() < share);
  const failed = { status: 'failed', records: 0 } as const;
  return sampleCase({
    events: some(SAMPLE_EVENTS, 0.8),
    facts: SAMPLE_FACTS.filter(({ kind }) => kind === 'incident' || random() < 0.8),
    coverage: SAMPLE_COVERAGE.map((line) =>
      random() < 0.8
        ? line
        : { ...line, ...failed, gaps: [{ window: line.window, reason: 'unavailable', detail: 'the source answered 502 to three tries' }] },
    ),
    ...(random() < 0.3 && { series: [] }),
  });
}
