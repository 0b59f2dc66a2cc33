import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Answer, type Fault, startStandIn } from '../../demo/standins/server.ts';
import { type AnyConnector, SourceError } from '../../src/contract/index.ts';
import type { NetworkFixture } from './checks.ts';
import { ask, type Circumstances, eventIdsOf, labelOf, namesOf, type Question, sayAll, type Told } from './fixture.ts';
import { atOffset } from './words.ts';

/** Long enough for a call on this machine, and far shorter than a drip of one byte at a time. */
const SHORT_MS = 400;

/** Each way to fail, and what may come of it: a SourceError of that reason, or a gap. Never a short list. */
const FAILURES: readonly (readonly [name: string, fault: Omit<Fault, 'path'>, reasons: readonly string[]])[] = [
  ['401', { mode: 401 }, ['unauthorized']],
  ['403', { mode: 403 }, ['forbidden', 'not_offered']],
  ['429 without headers', { mode: 429 }, ['rate_limited']],
  ['500', { mode: 500 }, ['unavailable']],
  ['503', { mode: 503 }, ['unavailable']],
  ['a reset', { mode: 'reset' }, ['unavailable']],
  ['silence', { mode: 'hang' }, ['unavailable']],
  ['a slow drip', { mode: 'drip', delayMs: 50 }, ['unavailable']],
  ['truncated JSON', { mode: 'truncate' }, ['unavailable', 'unexpected_response', 'unreadable']],
  ['another content type', { mode: 'wrong_type' }, ['unexpected_response', 'unreadable']],
];

/** The fault matrix, C8 and C15: every way to fail, at the first request of a question and at the second. */
export function testFaults(connector: AnyConnector, fixture: NetworkFixture): void {
  describe.each(fixture.questions.map((question) => [labelOf(question), question] as const))('faults of %s', (_, question) => {
    const pull = (given: Circumstances = {}) => ask(connector, fixture, question, given);
    testFailures(pull, question, fixture);
    testPages(connector, fixture, question, pull);
    testOtherHosts(fixture, question, pull);
    testTimes(connector, fixture, question, pull);
  });
}

type Pull = (given?: Circumstances) => Promise<Told>;

function testFailures(pull: Pull, question: Question, { network, secrets }: NetworkFixture): void {
  it.each(FAILURES)('C5 C8 %s is told and never a short list', async (_, fault, reasons) => {
    const whole = await pull();
    for (const after of [0, 1].filter((count) => count < whole.requests.length)) {
      const deadlineMs = fault.mode === 'hang' || fault.mode === 'drip' ? SHORT_MS : 10_000;
      const told = await pull({ faults: [{ path: /./, after, ...fault }], deadlineMs });
      const isWhole = told.error === undefined && namesOf(question, told.records).length === namesOf(question, whole.records).length;
      if (isWhole && after > 0) continue;
      expect(told.reasons.filter((reason) => reasons.includes(reason)).length).toBeGreaterThan(0);
      if (told.error instanceof SourceError) expect(told.error.cause ?? told.error.message).toBeTruthy();
    }
  });

  it('C6 a call that nobody answers ends with its signal', async () => {
    const controller = new AbortController();
    const onRequest = () => controller.abort(new Error('interrupted'));
    const faults = [{ path: /./, mode: 'hang' } as const];
    const { error, requests } = await pull({ faults, onRequest, deadlineMs: 3_600_000, request: { signal: controller.signal } });
    expect([error instanceof SourceError, requests.length]).toEqual([true, 1]);
  });

  it('C3 a slow answer is an answer', async () => {
    const [whole, slow] = [await pull(), await pull({ faults: [{ path: /./, mode: 'slow', delayMs: 20 }] })];
    expect(namesOf(question, slow.records)).toEqual(namesOf(question, whole.records));
  });

  it('C8 429 with headers says how long to wait', async () => {
    const { error } = await pull({ faults: [{ path: /./, mode: 429, headers: network.sevenSeconds }] });
    expect(error).toMatchObject({ name: 'SourceError', reason: 'rate_limited', retryAfterMs: 7_000 });
  });

  it('C8 every error of the wire carries its cause', async () => {
    for (const mode of [401, 403, 429, 500, 'reset'] as const) {
      const { error } = await pull({ faults: [{ path: /./, mode }] });
      if (error !== undefined)
        expect([mode, error]).toEqual([mode, expect.objectContaining({ name: 'SourceError', cause: expect.any(Error) })]);
    }
  });

  it('C15 repeats no credential, even where the vendor quotes it', async () => {
    for (const status of network.quoting) {
      for (const secret of Object.values(secrets)) {
        const quote = (answer: Answer): Answer => ({
          ...answer,
          body: JSON.parse(JSON.stringify(answer.body).replace('"message":"', `"message":"token ${secret} `)),
        });
        const told = await pull({ vendor: (vendor) => ({ ...vendor, answer: (asked) => quote(vendor.refuse(status, asked)) }) });
        expect(told.reasons.length + told.hints.length).toBeGreaterThan(0);
        expect(inspect([told.error, told.gaps, told.hints, told.lines], { depth: 20 })).not.toContain(secret);
      }
    }
  });
}

function testPages(connector: AnyConnector, fixture: NetworkFixture, question: Question, pull: Pull): void {
  const expectUnique = (told: Told) => {
    const ids = eventIdsOf(sayAll(connector, fixture, question, told.records));
    expect(ids.length - new Set(ids).size).toBe(0);
  };

  it('C5 C13 a page that comes twice loses no record in silence and doubles no event', async () => {
    const whole = await pull();
    const told = await pull({ faults: [{ path: /./, mode: 'repeat_page', after: 1, times: 1 }] });
    expectUnique(told);
    const missing = namesOf(question, whole.records).filter((name) => !namesOf(question, told.records).includes(name));
    if (missing.length > 0) expect(told.reasons).not.toEqual([]);
  });

  it('C5 C6 a cursor that loops ends, and is told', async () => {
    const whole = await pull();
    const told = await pull({ faults: [{ path: /./, mode: 'repeat_page' }] });
    expectUnique(told);
    expect(told.requests.length).toBeLessThanOrEqual(whole.requests.length + 2);
    const missing = namesOf(question, whole.records).filter((name) => !namesOf(question, told.records).includes(name));
    if (missing.length > 0) expect(told.reasons.filter((reason) => reason !== 'budget' && reason !== 'result_limit')).not.toEqual([]);
  });

  it('C3 a list that grows while it is read keeps what it had, each record once', async () => {
    const whole = await pull();
    const vendor: Circumstances['vendor'] = (plain, network) => {
      const grown = network.vendor('grown');
      let answered = 0;
      return { ...plain, answer: (asked, base) => (answered++ === 0 ? plain : grown).answer(asked, base) };
    };
    const told = await pull({ vendor });
    expectUnique(told);
    const natives = new Set(told.records.map(({ nativeId }) => nativeId));
    expect(whole.records.filter(({ nativeId }) => !natives.has(nativeId)).map(({ nativeId }) => nativeId)).toEqual([]);
  });
}

function testOtherHosts({ network }: NetworkFixture, question: Question, pull: Pull): void {
  const withStranger = async (use: (url: string) => Promise<Told>) => {
    const stranger = await startStandIn(network.vendor());
    try {
      return { told: await use(stranger.url), asked: stranger.requests };
    } finally {
      await stranger.close();
    }
  };

  it('C2 follows no next link to another host', async () => {
    const whole = await pull();
    const { told, asked } = await withStranger((url) =>
      pull({ faults: [{ path: /./, mode: 'rewrite', rewrite: (answer) => network.foreignNext(answer, url) }] }),
    );
    expect(asked).toEqual([]);
    if (namesOf(question, told.records).length < namesOf(question, whole.records).length) expect(told.reasons).not.toEqual([]);
  });

  it.each([301, 302, 307])('C2 follows no redirect %i to another host', async (status) => {
    const { told, asked } = await withStranger((url) => {
      const rewrite: Fault['rewrite'] = (answer, asked) => ({
        ...answer,
        status,
        headers: { ...answer.headers, location: `${url}${asked.url.pathname}` },
      });
      return pull({ faults: [{ path: /./, mode: 'rewrite', rewrite }] });
    });
    expect(asked).toEqual([]);
    expect(told.records).toEqual([]);
    expect(told.reasons.length).toBeGreaterThan(0);
  });
}

function testTimes(connector: AnyConnector, fixture: NetworkFixture, question: Question, pull: Pull): void {
  const rewritten = (change: (text: string) => string): Circumstances => ({
    faults: [
      {
        path: /./,
        mode: 'rewrite',
        rewrite: (answer) => ({
          ...answer,
          body: JSON.parse(JSON.stringify(answer.body).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z(?=")/g, change)),
        }),
      },
    ],
  });
  const tell = ({ records }: Told) => sayAll(connector, fixture, question, records);
  const momentsOf = (told: Told) =>
    new Set(
      tell(told).flatMap(({ evidence, normalized }) =>
        normalized.events.map(({ key, type, time }) => `${evidence.stream}/${key}#${type} ${time.at}`),
      ),
    );

  it.each([
    ['ahead', 600_000],
    ['behind', -600_000],
  ])('C3 a clock that is %s changes no record', async (_, clockOffsetMs) => {
    const [whole, told] = [await pull(), await pull({ faults: [{ path: /./, mode: 'clock', clockOffsetMs }] })];
    expect([told.error, namesOf(question, told.records)]).toEqual([undefined, namesOf(question, whole.records)]);
  });

  it.each([330, -480, 0])('C9 offsets of %i minutes say the same times', async (minutes) => {
    const [whole, told] = [await pull(), await pull(rewritten((text) => atOffset(text, minutes)))];
    expect(told.error).toBeUndefined();
    expect(momentsOf(told)).toEqual(momentsOf(whole));
  });

  it('C9 C11 times without an offset are told and never guessed', async () => {
    const [whole, told] = [await pull(), await pull(rewritten((text) => text.slice(0, -1)))];
    const known = momentsOf(whole);
    expect([...momentsOf(told)].filter((moment) => !known.has(moment))).toEqual([]);
    const words = told.reasons.length + tell(told).flatMap(({ normalized }) => normalized.issues).length;
    if (momentsOf(told).size < known.size) expect(words).toBeGreaterThan(0);
  });
}
