import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import { steadyRefs } from '../../../src/core/analysis/refs.ts';
import { takenBackBy } from '../../../src/core/analysis/reversals.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { caseOf, evidenceIdOf, factOf } from '../../support/events.ts';
import { deploymentEvents } from '../../support/sample-case.ts';

const [FIRST, SECOND, THIRD] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];

interface Deployed {
  readonly sha: string;
  readonly failed?: boolean;
  readonly isSilent?: boolean;
}

/** Deployments of one repository, an hour apart; a silent one never says how it ended. */
function deploys(...all: readonly Deployed[]): readonly RecordedEvent[] {
  return all.flatMap(({ sha, failed = false, isSilent = false }, index) => {
    const hour = `${index + 1}`.padStart(2, '0');
    const told = isSilent ? {} : { started: `${hour}:01`, done: `${hour}:05`, failed };
    return deploymentEvents({ id: 100 + index, sha, ref: `v${index}`, created: `${hour}:00`, ...told });
  });
}

function changes(events: readonly RecordedEvent[], facts: readonly Fact[] = []) {
  return changesOf(caseOf({ events, facts }));
}

function pull(number: number, sha: string, more: object = {}): Fact {
  const title = `Change ${number}`;
  const url = `https://github.com/acme/api/pull/${number}`;
  return factOf({ kind: 'change' as const, key: `github/pull:acme/api#${number}`, number, title, url, revisions: [sha], ...more });
}

describe('the revision before', () => {
  it('is the last that succeeded: what failed in between never ran', () => {
    const all = changes(deploys({ sha: FIRST }, { sha: SECOND, failed: true }, { sha: THIRD }));
    expect(all.map(({ revision }) => revision?.from)).toEqual([undefined, FIRST, FIRST]);
  });

  it('is the last that was rolled out, where the place reports no outcomes at all', () => {
    const all = changes(deploys({ sha: FIRST, isSilent: true }, { sha: SECOND, isSilent: true }));
    expect(all.at(-1)?.revision?.from).toBe(FIRST);
  });
});

describe('what a change takes back', () => {
  it('is told by the commit that a revert names, where it names no pull request', () => {
    const facts = [pull(1, SECOND), pull(2, THIRD, { revertsRevision: SECOND })];
    const all = changes(deploys({ sha: FIRST }, { sha: SECOND }, { sha: THIRD }), facts);
    expect(all.at(-1)).toMatchObject({ reverses: all[1]?.key, pullRequests: [{ number: 2 }] });
  });

  it('leaves out what had failed before something else came: it was gone already', () => {
    const all = changes(deploys({ sha: FIRST }, { sha: SECOND, failed: true }, { sha: THIRD }, { sha: FIRST }));
    const [, failed, out, reversal] = all;
    expect(reversal?.reverses).toBe(out?.key);
    expect(reversal && takenBackBy(reversal, all)).toEqual([out?.key]);
    expect(reversal && takenBackBy(reversal, all)).not.toContain(failed?.key);
  });

  it('is what just failed, where the revision before is deployed again at once', () => {
    const all = changes(deploys({ sha: FIRST }, { sha: SECOND, failed: true }, { sha: FIRST }));
    expect(all.at(-1)?.reverses).toBe(all[1]?.key);
  });

  it('brings nothing new, whatever pull request once made that revision', () => {
    const all = changes(deploys({ sha: FIRST }, { sha: SECOND }, { sha: FIRST }), [pull(1, FIRST), pull(2, SECOND)]);
    expect(all.at(-1)).toMatchObject({ pullRequests: [], files: [] });
  });
});

it('the pages of a comparison are joined in their order, whatever their evidence is called', () => {
  const key = `github/compare:acme/api#${FIRST}...${SECOND}`;
  const page = (number: number, name: string, paths: readonly string[]): Fact => {
    const files = paths.map((path) => ({ path }));
    const status = number === 1 ? ('behind' as const) : ('ahead' as const);
    const fact = { kind: 'comparison' as const, key, base: FIRST, head: SECOND, status, commits: [`c${number}`], files, filesCut: false };
    return factOf({ ...fact, page: number }, evidenceIdOf(name));
  };
  for (const names of [
    ['a', 'b'],
    ['b', 'a'],
    ['x', 'y'],
    ['y', 'x'],
  ] as const) {
    const facts = [page(2, names[1], []), page(1, names[0], ['src/pool.ts'])];
    // Only the first page says that the head lies behind: a rollback.
    const [, second] = changes(deploys({ sha: FIRST }, { sha: SECOND }), facts);
    expect(second?.reverses, names.join()).toBeDefined();
  }
});

it('a ref says which revision is meant where it is like a tag: it holds a digit, no slash, and stood for one commit', () => {
  const refs = [
    { name: 'v2.3.4', revision: FIRST },
    { name: '118', revision: SECOND },
    { name: 'main', revision: FIRST },
    { name: 'fix/pool-2', revision: SECOND },
    { name: 'release-2', revision: FIRST },
    { name: 'release-2', revision: SECOND },
  ];
  expect([...steadyRefs(refs)].toSorted()).toEqual(['118', 'v2.3.4']);
});
