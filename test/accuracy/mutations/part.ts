import { openApp } from '../../../src/compose.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Draft } from '../../../src/core/draft/model.ts';
import { exportSample } from '../../bench/sample-bundle.ts';
import { stillOpen, type Told, withGaps } from '../../core/draft/tellings.ts';
import { share } from '../intervals.ts';
import type { Figure, Part } from '../part.ts';
import { prepare, type Tried, tryMutations, untouched } from './trial.ts';

/** Single changes of a draft that lost its marks and was reworded in ten places, and whether `verify` names the changed line. */
export const mutations: Part = {
  name: 'mutations',
  run: async (seed) => [
    ...measure('the sample, 3 rewordings', await sampleDraft(), 1_000, seed),
    ...measure('one with gaps, 3 rewordings', draftOf(withGaps()), 500, seed + 1),
    ...measure('one still open, 3 rewordings', draftOf(stillOpen()), 250, seed + 2),
  ],
};

function draftOf({ theCase, analysis }: Told): Draft {
  return compose(theCase, analysis, [], `sha256:${'0'.repeat(64)}`);
}

async function sampleDraft(): Promise<Draft> {
  const { app, close } = await openApp({ bundle: true, env: {}, cwd: '.' });
  try {
    return (await app.draftBundle(await exportSample())).draft;
  } finally {
    await close();
  }
}

function measure(data: string, draft: Draft, count: number, seed: number): readonly Figure[] {
  const prepared = prepare(draft);
  const found = untouched(prepared).length;
  const tried = tryMutations(prepared, count, seed, 'record');
  const alone = tryMutations(prepared, Math.round(count * 0.3), seed, 'itself');
  return [
    {
      ...common(data),
      figure: 'findings in the untouched ones',
      value: `${found}`,
      n: prepared.bases.length,
      reach: 'none',
      held: found === 0,
    },
    { ...named(data, 'changed lines named, with the bundle', tried), ...reach(tried) },
    ...[...Map.groupBy(tried, ({ mutation }) => mutation.kind)]
      .filter(([, of]) => of.some(({ isNamed }) => !isNamed))
      .map(([kind, of]) => named(data, `of these, ${kind}`, of)),
    named(data, 'changed lines named, with no bundle', alone),
    ...[...Map.groupBy(alone, ({ mutation }) => mutation.kind)]
      .filter(([, of]) => of.some(({ isNamed }) => isNamed))
      .map(([kind, of]) => named(data, `with no bundle, ${kind}`, of)),
  ];
}

function reach(tried: readonly Tried[]): Pick<Figure, 'reach' | 'held'> {
  return { reach: 'at least 0.99', held: shareOf(tried).value >= 0.99 };
}

function shareOf(tried: readonly Tried[]): ReturnType<typeof share> {
  return share(tried.filter(({ isNamed }) => isNamed).length, tried.length);
}

function named(data: string, figure: string, tried: readonly Tried[]): Figure {
  const { value, low, high } = shareOf(tried);
  return { ...common(data), figure, value: value.toFixed(3), n: tried.length, interval: `${low.toFixed(3)}–${high.toFixed(3)}` };
}

function common(data: string): Pick<Figure, 'task' | 'data'> {
  return { task: 'mutated drafts', data };
}
