import type { analyze } from '../../src/core/analysis/analyze.ts';
import type { Case } from '../../src/core/case.ts';
import type { compose } from '../../src/core/draft/compose.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import { instantAt } from '../../src/core/time.ts';
import type { renderMarkdown } from '../../src/render/markdown.ts';
import { eventOf } from '../support/events.ts';
import { SAMPLE_EVENTS, sampleCase } from '../support/sample-case.ts';
import { type Held, median } from './held.ts';

const EVENTS = 2000;
const ROUNDS = 25;
const WARM_UP = 10;
const GROWS_AT_MOST = 2.3;
const AT_MOST = 5;

interface Engine {
  readonly analyze: typeof analyze;
  readonly compose: typeof compose;
  readonly renderMarkdown: typeof renderMarkdown;
}

/**
 * From a case with its analysis to the document: compose and Markdown, against `JSON.stringify` of the same draft and against half
 * the events, in alternating rounds of processor time. `dist` ends in a slash.
 */
export async function measureDraft(dist: string): Promise<readonly Held[]> {
  const engine: Engine = {
    ...(await import(`${dist}src/core/analysis/analyze.js`)),
    ...(await import(`${dist}src/core/draft/compose.js`)),
    ...(await import(`${dist}src/render/markdown.js`)),
  };
  const once = prepare(engine, EVENTS);
  const twice = prepare(engine, 2 * EVENTS);
  for (let round = 0; round < WARM_UP; round += 1) {
    for (const { write, print } of [once, twice]) {
      write();
      print();
    }
  }
  const rounds = Array.from({ length: ROUNDS }, () => ({
    once: costOf(once.write),
    twice: costOf(twice.write),
    json: costOf(twice.print),
  }));
  const grows = median(rounds.map((round) => round.twice / round.once));
  const ratio = median(rounds.map((round) => round.twice / round.json));
  const ms = median(rounds.map((round) => round.twice)).toFixed(0);
  return [
    {
      text: `compose and Markdown of ${2 * EVENTS} events: ${grows.toFixed(2)} times the time of ${EVENTS}, at most ${GROWS_AT_MOST}`,
      held: grows <= GROWS_AT_MOST,
    },
    {
      text: `compose and Markdown of ${2 * EVENTS} events (${twice.rows()} rows, ${ms} ms): ${ratio.toFixed(2)} times JSON.stringify of the same draft, at most ${AT_MOST}`,
      held: ratio <= AT_MOST,
    },
  ];
}

function prepare({ analyze, compose, renderMarkdown }: Engine, events: number) {
  const theCase = caseWith(events);
  const analysis = analyze(theCase);
  let draft: Draft = compose(theCase, analysis, [], 'sha256:0');
  return {
    write: () => {
      draft = compose(theCase, analysis, [], 'sha256:0');
      return renderMarkdown(draft);
    },
    print: () => JSON.stringify(draft),
    rows: () => draft.sections.flatMap(({ blocks }) => blocks).filter(({ kind }) => kind === 'row').length,
  };
}

/** The sample with a busy channel: a note of its own words every second. */
function caseWith(events: number): Case {
  const first = Date.parse('2024-01-15T14:20:00Z');
  const notes = Array.from({ length: events - SAMPLE_EVENTS.length }, (_, index): RecordedEvent => {
    const text = `Step ${index}: looked at the pool of worker ${index % 17}, ${index % 200} of 200 connections in use, and it goes on | "as before".`;
    const actor = { kind: 'person', id: `pagerduty:user:P${index % 9}`, name: `responder ${index % 9}` } as const;
    return eventOf('note.added', instantAt(first + index * 1000), { key: `n${index}`, actor, attributes: { text } });
  });
  return sampleCase({ events: [...SAMPLE_EVENTS, ...notes] });
}

function costOf(run: () => unknown): number {
  const started = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
