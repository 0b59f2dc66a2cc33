import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src/app/app.ts';
import { openCircuit } from '../../src/app/circuit.ts';
import { AppError } from '../../src/app/errors.ts';
import type { Ask } from '../../src/app/ports.ts';
import { AFTER, type Answered, pullAsk } from '../../src/app/pull.ts';
import { type PullItem, type PullRequest, SourceError, type SourceErrorReason } from '../../src/contract/index.ts';
import type { Json } from '../../src/core/evidence.ts';
import { epochMs } from '../../src/core/time.ts';
import { instant, windowOf } from '../support/events.ts';
import { type FakeStream, fakeClock, fakeConnector, memoryEvidence, quietLog, recordItem } from './fakes.ts';

const ASK: Ask = { source: 'test', stream: 'things', window: windowOf('12:00', '16:00'), keys: [], scope: {} };

/** One source with one stream, and a runner over it. */
function bench(
  stream: Partial<FakeStream>,
  more: {
    readonly now?: string;
    readonly signal?: AbortSignal;
    readonly questionMs?: number;
    readonly onProgress?: (progress: Progress) => void;
  } = {},
) {
  const connector = fakeConnector('test', [{ spec: { id: 'things' }, pull: () => [], ...stream }]);
  const evidence = memoryEvidence();
  const clock = fakeClock(more.now ?? '16:00');
  const log = quietLog();
  const circuit = openCircuit();
  const { now: _, ...watched } = more;
  const deps = { clock, evidence, log, run: 1, now: clock.now(), circuit, ...watched };
  const ask = (overrides: Partial<Ask> = {}): Promise<Answered> =>
    pullAsk(deps, { name: 'test', connector, client: {} }, { ...ASK, ...overrides });
  return { ask, asked: connector.asked, evidence, clock, log, circuit };
}

/** Fails so many times, then gives what it has. */
function failing(times: number, reason: SourceErrorReason, then: readonly PullItem[] = [], retryAfterMs?: number): FakeStream['pull'] {
  let left = times;
  return function* () {
    left -= 1;
    if (left >= 0) throw new SourceError(reason, `the host says ${reason}`, { retryAfterMs });
    yield* then;
  };
}

/** Meets its deadline so many times with no answer, then has nothing. */
function silent(times: number): FakeStream['pull'] {
  let left = times;
  return () => {
    left -= 1;
    if (left >= 0) throw new SourceError('unavailable', 'no answer', { isSilent: true });
    return [];
  };
}

describe('what comes is kept', () => {
  it('or the run ends: a store that takes nothing is no gap of the source, and no answer is filed', async () => {
    const { ask, evidence, asked } = bench({ pull: () => [recordItem('a')] });
    const full = new AppError('store', 'the store cannot be used: the disk is full');
    Object.assign(evidence, { keep: () => Promise.reject(full) });
    await expect(ask()).rejects.toBe(full);
    expect([evidence.pulls, asked.length]).toEqual([[], 1]);
  });

  it('sealed, in batches of at most a hundred, in the order of arrival, with its sequence', async () => {
    const items = Array.from({ length: 250 }, (_, index) => recordItem(`r${index}`, { n: index }, { sequence: -index }));
    const { ask, evidence } = bench({ pull: () => items });
    const { pulled, evidence: ids } = await ask();
    expect(evidence.batches).toEqual([100, 100, 50]);
    expect(evidence.kept.map(({ nativeId }) => nativeId)).toEqual(items.map((_, index) => `r${index}`));
    expect(evidence.kept[2]).toMatchObject({ source: 'test', stream: 'things', sequence: -2, observedTime: instant('16:00') });
    expect(ids.map(({ id }) => id)).toEqual(evidence.kept.map(({ id }) => id));
    expect(pulled).toMatchObject({ status: 'complete', gaps: [], need: 'needed' });
    expect(evidence.pulls).toHaveLength(1);
  });

  it('under its own stream where an answer nests another one', async () => {
    const nested: PullItem = { kind: 'record', record: { nativeId: 'n', body: {}, request: '/', stream: 'inner' } };
    const { ask, evidence } = bench({ pull: () => [nested] });
    expect((await ask()).evidence[0]?.object).toBe('test/inner/n');
    expect(evidence.kept[0]?.stream).toBe('inner');
  });

  it('without the bodies in memory: the plan sees events and facts', async () => {
    const fact = { kind: 'person', key: 'test:user:1', names: ['Jane'] } as const;
    const { ask } = bench({ pull: () => [recordItem('r')], normalize: () => ({ events: [], facts: [fact], issues: [] }) });
    expect((await ask()).read).toEqual([{ source: 'test', stream: 'things', events: [], facts: [expect.objectContaining(fact)] }]);
  });

  it('up to fifty levels deep: a record that nests a hundred thousand hides none that comes after it', async () => {
    const deep: Json = JSON.parse(`{"id":"a","details":${'{"a":['.repeat(50_000)}1${']}'.repeat(50_000)}}`);
    const { ask, evidence } = bench({ pull: () => [recordItem('a', deep), recordItem('b')] });
    expect((await ask()).pulled).toMatchObject({ status: 'complete', gaps: [] });
    expect(evidence.kept.map(({ nativeId }) => nativeId)).toEqual(['a', 'b']);
    const [kept] = evidence.kept;
    expect(kept).toMatchObject({ body: { id: 'a', details: { a: [{ a: [{}] }] } } });
    expect(JSON.stringify(kept?.body)).toMatch(/\[redacted: nested_too_deep\]"(?:\]\}|\}\]){24}\}?/);
    const whole: Json = JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`);
    const shallow = bench({ pull: () => [recordItem('c', whole)] });
    await shallow.ask();
    expect(shallow.evidence.kept[0]?.body).toEqual(whole);
  });

  it('even when the source fails after it', async () => {
    const { ask, evidence } = bench({
      pull: function* () {
        yield recordItem('a');
        throw new SourceError('forbidden', 'no further');
      },
    });
    expect((await ask()).pulled).toMatchObject({ status: 'partial', gaps: [{ reason: 'forbidden', detail: 'no further' }] });
    expect(evidence.kept).toHaveLength(1);
  });

  it('a normalizer that throws loses one record and not the pull', async () => {
    const { ask, evidence } = bench({
      pull: () => [recordItem('a'), recordItem('b')],
      normalize: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    expect((await ask()).pulled.status).toBe('complete');
    expect(evidence.kept).toHaveLength(2);
  });
});

describe('a failure has one consequence each', () => {
  it('unavailable: tried three times with growing waits, then a gap', async () => {
    const { ask, clock, asked } = bench({ pull: failing(9, 'unavailable') });
    expect((await ask()).pulled).toMatchObject({ status: 'failed', gaps: [{ reason: 'unavailable', window: ASK.window }] });
    expect(asked).toHaveLength(3);
    expect(clock.slept).toEqual([1_000, 4_000]);
  });

  it('unavailable once: nobody will ever know', async () => {
    const { ask } = bench({ pull: failing(1, 'unavailable', [recordItem('a')]) });
    expect((await ask()).pulled).toMatchObject({ status: 'complete', gaps: [] });
  });

  it('rate limited: waits as long as the source says, as often as it says', async () => {
    const { ask, clock, asked } = bench({ pull: failing(4, 'rate_limited', [recordItem('a')], 20_000) });
    expect((await ask()).pulled.status).toBe('complete');
    expect(clock.slept).toEqual([20_000, 20_000, 20_000, 20_000]);
    expect(asked).toHaveLength(5);
  });

  it('rate limited again and again spends no try: one failure after it is still a first one', async () => {
    const failures: SourceErrorReason[] = ['rate_limited', 'rate_limited', 'rate_limited', 'unavailable', 'unavailable'];
    const { ask } = bench({
      pull: function* () {
        const reason = failures.shift();
        if (reason) throw new SourceError(reason, reason, { retryAfterMs: 1_000 });
        yield recordItem('a');
      },
    });
    expect((await ask()).pulled.status).toBe('complete');
  });

  it('rate limited for longer than anyone waits for a draft: a gap', async () => {
    const { ask, clock } = bench({ pull: failing(1, 'rate_limited', [], 3_600_000) });
    expect((await ask()).pulled).toMatchObject({ gaps: [{ reason: 'budget' }] });
    expect(clock.slept).toEqual([]);
  });

  it('a source that throttles for ever is waited for once in a draft, not once for each question, and the gap says how long', async () => {
    const { ask, clock, asked } = bench({ pull: failing(99, 'rate_limited', [], 50_000) });
    const [first, beside] = await Promise.all([ask(), ask()]);
    const details = [first, beside].map(({ pulled }) => pulled.gaps[0]?.detail);
    expect(details).toEqual(Array(2).fill('the host says rate_limited; this run waited 100 s for it and no longer'));
    const waits = clock.slept.length;
    const calls = asked.length;
    expect(waits).toBe(4);
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: 'budget', detail: details[0] }]);
    expect([clock.slept.length, asked.length]).toEqual([waits, calls]);
  });

  it('a source that throttles one thing and answers another is still asked for what is left', () => {
    const why = { reason: 'budget', detail: 'later' } as const;
    const circuit = openCircuit();
    for (const source of ['silent', 'answering']) {
      circuit.succeeded(source);
      circuit.waited(source, 30_000);
    }
    circuit.succeeded('answering');
    for (const source of ['silent', 'answering']) circuit.exhausted(source, why);
    expect([circuit.stopped('silent'), circuit.stopped('answering')]).toEqual([why, undefined]);
  });

  it('a long pull has its time for each question', async () => {
    const { ask, asked } = bench({ pull: failing(99, 'rate_limited', [], 50_000) }, { questionMs: 3_600_000 });
    await ask();
    await ask();
    expect(asked).toHaveLength(6);
  });

  it('who watches hears that a source says later, and for how long', async () => {
    const seen: Progress[] = [];
    const { ask } = bench(
      { pull: failing(1, 'rate_limited', [recordItem('a')], 20_000) },
      { onProgress: (progress) => void seen.push(progress) },
    );
    await ask();
    expect(seen[0]).toMatchObject({ source: 'test', stream: 'things', records: 0, waitMs: 20_000 });
    expect(seen.slice(1).some(({ waitMs }) => waitMs !== undefined)).toBe(false);
  });

  it.each([
    ['forbidden', 'forbidden'],
    ['unexpected_response', 'unreadable'],
    ['unauthorized', 'unauthorized'],
  ] as const)('%s: a gap at once', async (reason, gap) => {
    const { ask, asked } = bench({ pull: failing(9, reason) });
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: gap, detail: `the host says ${reason}` }]);
    expect(asked).toHaveLength(1);
  });

  it('a refused token is not tried again on the next question, a refused permission is', async () => {
    const refused = bench({ pull: failing(1, 'unauthorized', [recordItem('a')]) });
    await refused.ask();
    expect((await refused.ask()).pulled.gaps).toMatchObject([{ reason: 'unauthorized', detail: 'the host says unauthorized' }]);
    expect(refused.asked).toHaveLength(1);
    const forbidden = bench({ pull: failing(1, 'forbidden', [recordItem('a')]) });
    await forbidden.ask();
    expect((await forbidden.ask()).pulled.status).toBe('complete');
  });

  it.each([
    ['unauthorized', { after: 'stop', tries: 1, gap: 'unauthorized', next: 0 }],
    ['forbidden', { after: 'gap', tries: 1, gap: 'forbidden', next: 1 }],
    ['rate_limited', { after: 'wait', tries: 5, gap: 'budget', next: 0 }],
    ['unavailable', { after: 'retry', tries: 3, gap: 'unavailable', next: 0 }],
    ['unexpected_response', { after: 'gap', tries: 1, gap: 'unreadable', next: 1 }],
  ] as const)('%s, for ever: so many tries, this gap, and so many on the next question', async (reason, { after, tries, gap, next }) => {
    expect(AFTER[reason]).toBe(after);
    const { ask, asked } = bench({ pull: failing(99, reason, [], 30_000) });
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: gap }]);
    expect(asked).toHaveLength(tries);
    await ask();
    expect(asked).toHaveLength(tries + next);
  });

  it('a host of which nothing ever came is known dead after its first deadline', async () => {
    const { ask, asked, clock } = bench({ pull: silent(9) });
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: 'unavailable', detail: 'no answer' }]);
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: 'unavailable', detail: 'no answer' }]);
    expect(asked).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  it('a host that answered before is asked once more after a deadline, and no third time', async () => {
    let calls = 0;
    const { ask, asked } = bench({
      pull: async function* (request) {
        calls += 1;
        if (calls === 1) yield recordItem('a');
        else yield* silent(9)(request);
      },
    });
    expect((await ask()).pulled.status).toBe('complete');
    expect((await ask()).pulled.status).toBe('failed');
    expect(asked).toHaveLength(3);
  });

  it("one slow answer of a host that answers is nobody's loss", async () => {
    const { ask } = bench({
      pull: ((hang) =>
        async function* (request) {
          yield recordItem('a');
          yield* hang(request);
        })(silent(1)),
    });
    expect((await ask()).pulled).toMatchObject({ status: 'complete', gaps: [] });
  });

  it('a fault of the connector is logged in full and shown without its words', async () => {
    const { ask, log } = bench({
      pull: () => {
        throw new TypeError('token abc123 is not iterable');
      },
    });
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: 'unreadable', detail: expect.not.stringContaining('abc123') }]);
    expect(log.lines.join()).toContain('stream failed');
  });
});

describe('a try goes on where the last one stopped', () => {
  it('after the last checkpoint, with nothing lost and nothing asked twice', async () => {
    let isBroken = true;
    const { ask, asked, evidence } = bench({
      pull: function* ({ resumeAfter }: PullRequest<unknown>) {
        if (resumeAfter !== 'one') {
          yield recordItem('a');
          yield { kind: 'checkpoint', cursor: 'one' };
        }
        if (isBroken) {
          isBroken = false;
          throw new SourceError('unavailable', 'reset');
        }
        yield recordItem('b');
      },
    });
    expect((await ask()).pulled.status).toBe('complete');
    expect(asked.map(({ resumeAfter }) => resumeAfter)).toEqual([undefined, 'one']);
    expect(evidence.cursors).toEqual(['one']);
    expect(evidence.kept.map(({ nativeId }) => nativeId)).toEqual(['a', 'b']);
  });
});

describe('a source that stops at a number of results', () => {
  const LIMIT = 10;
  /** One thing on each full minute; the newest ten at a time. */
  const capped: FakeStream['pull'] = function* ({ window }) {
    const minutes = Array.from({ length: 2000 }, (_, index) => epochMs(instant('00:00')) + index * 60_000);
    const inside = minutes.filter((at) => at >= epochMs(window.from) && at < epochMs(window.to));
    for (const at of inside.slice(-LIMIT)) yield recordItem(`${at}`);
    if (inside.length > LIMIT) yield { kind: 'gap', gap: { window, reason: 'result_limit', detail: 'the newest ten' } };
  };

  it('is asked for halves until each fits: nothing is missing and no gap is left', async () => {
    const { ask, evidence } = bench({ spec: { id: 'things', maxResults: LIMIT }, pull: capped });
    const { pulled } = await ask({ window: windowOf('14:00', '16:00') });
    expect(pulled).toMatchObject({ status: 'complete', gaps: [] });
    expect(new Set(evidence.kept.map(({ nativeId }) => nativeId)).size).toBe(120);
  });

  it('keeps its gap where the window cannot be told to it', async () => {
    const { ask, asked } = bench({ spec: { id: 'things', maxResults: LIMIT, windowField: 'none' }, pull: capped });
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: 'result_limit' }]);
    expect(asked).toHaveLength(1);
  });

  it('that ignores the window is not asked for ever', async () => {
    const always: FakeStream['pull'] = ({ window }) => [{ kind: 'gap', gap: { window, reason: 'result_limit', detail: 'only so many' } }];
    const { ask, asked } = bench({ spec: { id: 'things', maxResults: LIMIT }, pull: always });
    expect((await ask()).pulled.gaps.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(64);
  });

  it('is not cut below a second', async () => {
    const always: FakeStream['pull'] = ({ window }) => [{ kind: 'gap', gap: { window, reason: 'result_limit', detail: 'a burst' } }];
    const { ask, asked } = bench({ spec: { id: 'things', maxResults: LIMIT }, pull: always });
    await ask({ window: windowOf('14:00:00', '14:00:02') });
    expect(asked.map(({ window }) => epochMs(window.to) - epochMs(window.from))).toEqual([2_000, 1_000, 1_000]);
  });
});

describe('what retention has taken', () => {
  const spec = { id: 'things', retentionDays: 30 };

  it('is a gap, unasked, and the rest is asked for', async () => {
    const { ask, asked } = bench({ spec }, { now: '2024-02-14T14:00:00Z' });
    expect((await ask()).pulled).toMatchObject({
      status: 'partial',
      gaps: [{ reason: 'retention', window: windowOf('12:00', '14:00'), detail: expect.stringContaining('30 days') }],
    });
    expect(asked.map(({ window }) => window)).toEqual([windowOf('14:00', '16:00')]);
  });

  it('may be all: then nothing is asked at all', async () => {
    const { ask, asked } = bench({ spec }, { now: '2024-02-24T16:00:00Z' });
    expect((await ask()).pulled.gaps).toMatchObject([{ reason: 'retention', window: ASK.window }]);
    expect(asked).toEqual([]);
  });

  it('does not concern a question by keys', async () => {
    const { ask, asked } = bench({ spec }, { now: '2024-04-24T16:00:00Z' });
    expect((await ask({ keys: ['alarm:arn'] })).pulled.status).toBe('complete');
    expect(asked).toHaveLength(1);
  });
});

describe('a host that is down', () => {
  it('is waited for once: the questions after it end at once, and say why', async () => {
    const { ask, asked } = bench({ pull: failing(99, 'unavailable') });
    await ask();
    expect((await ask({ keys: ['other'] })).pulled.gaps).toMatchObject([{ reason: 'unavailable' }]);
    expect(asked).toHaveLength(3);
  });

  it('that never answers, with a connector that ignores its signal, ends as soon as another question gives up', async () => {
    const never = () => new Promise<never>(() => undefined);
    const { ask } = bench({
      pull: async function* ({ keys }) {
        if (keys.length > 0) throw new SourceError('unavailable', 'no answer in 30 s');
        yield await never();
      },
    });
    const [hanging, failed] = await Promise.all([ask(), ask({ keys: ['x'] })]);
    expect(hanging.pulled.gaps).toEqual([{ window: ASK.window, reason: 'unavailable', detail: 'no answer in 30 s' }]);
    expect(failed.pulled.status).toBe('failed');
  });

  it('for a moment, under five questions at once, is not taken to be down', async () => {
    let isDown = true;
    const { ask } = bench({
      pull: function* () {
        if (isDown) throw new SourceError('unavailable', '503');
        yield recordItem('a');
      },
    });
    const all = Promise.all(['1', '2', '3', '4', '5'].map((key) => ask({ keys: [key] })));
    await Promise.resolve();
    isDown = false;
    expect((await all).map(({ pulled }) => pulled.status)).toEqual(Array.from({ length: 5 }, () => 'complete'));
  });
});

describe('three failures in a row', () => {
  const WHY = { reason: 'unavailable', detail: 'no answer' } as const;
  const failAt = (circuit: ReturnType<typeof openCircuit>, ...times: readonly string[]) => {
    for (const at of times) circuit.failed('test', WHY, instant(at));
  };

  it('over a minute or more stop the source', () => {
    const circuit = openCircuit();
    failAt(circuit, '16:00:00', '16:00:30', '16:01:00');
    expect(circuit.stopped('test')).toEqual(WHY);
    expect(circuit.signalOf('test').aborted).toBe(true);
    expect(circuit.stopped('other')).toBeUndefined();
  });

  it('within seconds do not, and an answer between them begins the count again', () => {
    const blip = openCircuit();
    failAt(blip, '16:00:00', '16:00:01', '16:00:02', '16:00:03');
    expect(blip.stopped('test')).toBeUndefined();
    const flapping = openCircuit();
    failAt(flapping, '16:00:00', '16:00:30');
    flapping.succeeded('test');
    failAt(flapping, '16:01:00', '16:01:30');
    expect(flapping.stopped('test')).toBeUndefined();
  });
});

describe('an interrupt', () => {
  it('ends the question with a gap, keeps what came, and closes the page loop', async () => {
    const controller = new AbortController();
    let isClosed = false;
    const { ask, evidence } = bench(
      {
        pull: async function* () {
          try {
            yield recordItem('a');
            controller.abort(new Error('interrupted'));
            yield recordItem('b');
          } finally {
            isClosed = true;
          }
        },
      },
      { signal: controller.signal },
    );
    expect((await ask()).pulled).toMatchObject({ status: 'partial', gaps: [{ reason: 'cancelled' }] });
    expect(evidence.kept.map(({ nativeId }) => nativeId)).toEqual(['a']);
    expect(isClosed).toBe(true);
  });
});

it('a stream that the connector does not have is a gap, not a fault', async () => {
  const { ask } = bench({});
  expect((await ask({ stream: 'other' })).pulled).toMatchObject({ need: 'extra', gaps: [{ reason: 'unsupported' }] });
});

it.each([
  ['a draft', {}, 500],
  ['a pull that nobody waits for', { questionMs: 3_600_000 }, 5_000],
])('the calls of a question are counted over all its tries: of %s', async (_, more, most) => {
  let made = 0;
  const pull: FakeStream['pull'] = async function* ({ calls, window }) {
    while (calls.take()) {
      made += 1;
      if (made % 400 === 0) throw new SourceError('unavailable', 'it broke off');
    }
    yield { kind: 'gap', gap: { window, reason: 'budget', detail: 'no more calls' } };
  };
  const { ask } = bench({ pull }, more);
  const { pulled } = await ask();
  expect([made, pulled.gaps[0]?.reason]).toEqual(most === 500 ? [500, 'budget'] : [1_200, 'unavailable']);
});

it('each piece of a window that had to be halved has its own calls: a list of a thousand pages is read', async () => {
  const pull: FakeStream['pull'] = async function* ({ calls, window }) {
    const pages = (epochMs(window.to) - epochMs(window.from)) / 14_400;
    for (let page = 0; page < pages; page += 1) {
      if (page === 100) return yield { kind: 'gap', gap: { window, reason: 'result_limit', detail: 'no more than a hundred pages' } };
      if (!calls.take()) return yield { kind: 'gap', gap: { window, reason: 'budget', detail: 'no more calls' } };
    }
  };
  const { ask } = bench({ pull, spec: { id: 'things', maxResults: 10_000, windowField: 'created_at' } });
  expect((await ask()).pulled.gaps).toEqual([]);
});

describe('a question in parts', () => {
  const eachKey = ({ scope, keys }: Pick<Ask, 'scope' | 'keys'>) => keys.map((key) => ({ scope, keys: [key] }));
  const KEYS = ['a', 'b', 'c', 'd'];
  /** Answers each key with a record, the last key first. */
  const backwards: FakeStream['pull'] = async function* ({ keys: [key = ''] }) {
    for (let turns = 10 * (KEYS.length - KEYS.indexOf(key)); turns > 0; turns -= 1) await Promise.resolve();
    yield recordItem(key);
    yield { kind: 'checkpoint', cursor: key };
  };

  it('is asked for all of them side by side, and answered in their order, whichever comes first', async () => {
    const { ask, asked, evidence } = bench({ pull: backwards, parts: eachKey });
    const answered = await ask({ keys: KEYS });
    expect(asked.map(({ keys }) => keys)).toEqual(KEYS.map((key) => [key]));
    expect(evidence.kept.map(({ nativeId }) => nativeId)).toEqual(KEYS.toReversed());
    expect(answered.evidence.map(({ object }) => object)).toEqual(KEYS.map((key) => `test/things/${key}`));
    expect(answered.read).toHaveLength(KEYS.length);
    expect(evidence.pulls.map(({ ask: filed }) => filed.keys)).toEqual([KEYS]);
  });

  it('tries again only the part that failed, and where that fails for good the rest stands', async () => {
    const pull: FakeStream['pull'] = async function* (request) {
      if (request.keys[0] === 'b') throw new SourceError('forbidden', 'not for you');
      yield* backwards(request);
    };
    const { ask, asked } = bench({ pull, parts: eachKey });
    const { evidence, pulled } = await ask({ keys: KEYS });
    expect(asked).toHaveLength(KEYS.length);
    expect(evidence.map(({ object }) => object)).toEqual(['test/things/a', 'test/things/c', 'test/things/d']);
    expect(pulled).toMatchObject({ status: 'partial', gaps: [{ reason: 'forbidden', detail: 'not for you' }] });
  });

  it('takes its calls from one count: a part without an end leaves the others unread, and says so', async () => {
    const made: string[] = [];
    const pull: FakeStream['pull'] = async function* ({ keys: [key = ''], calls, window }) {
      while (calls.take()) {
        made.push(key);
        if (key !== 'a') return yield recordItem(key);
        await Promise.resolve();
      }
      yield { kind: 'gap', gap: { window, reason: 'budget', detail: `${key} is not read to its end` } };
    };
    const { ask } = bench({ pull, parts: eachKey });
    const { pulled } = await ask({ keys: KEYS });
    expect(made).toHaveLength(500 + 3 * 5);
    expect(pulled.gaps).toMatchObject([{ reason: 'budget', detail: 'a is not read to its end' }]);
  });

  it('counts as one on the way: what is told of its progress never falls', async () => {
    const told: Progress[] = [];
    const { ask } = bench({ pull: backwards, parts: eachKey }, { onProgress: (progress) => told.push(progress) });
    await ask({ keys: KEYS });
    expect(new Set(told.map(({ question }) => question)).size).toBe(1);
    expect(told.map(({ records }) => records)).toEqual([1, 2, 3, 4, 4]);
  });
});
