import type { Assertion } from '../app/assert.ts';
import { AppError } from '../app/errors.ts';
import { addMs, durationMs, type Instant, momentOf } from '../core/time.ts';
import type { Context } from './io.ts';

export interface AssertFlags {
  readonly reason?: string;
  readonly text?: string;
  readonly author?: string;
  readonly giveOrTake?: string;
  readonly config?: string;
}

/** `hindcast assert`: a human fact, kept as evidence. `what` is a milestone's name, `event` or `suspect`. */
export async function runAssert(
  { io, open }: Context,
  id: string,
  [what, subject, verdict]: readonly [string, string, string | undefined],
  flags: AssertFlags,
): Promise<number> {
  const { reason, author, config } = flags;
  if (reason === undefined) throw new AppError('usage', 'say why: --reason TEXT (a statement is evidence, and others will rest on it)');
  const said = readAssertion(what, subject, verdict, flags, io.now());
  const { app, settings, close } = await open({ select: id, ...(config !== undefined && { config }) });
  try {
    const by = author ?? settings.draft.authors[0] ?? 'not named';
    const { evidence, incident, farMs = 0 } = await app.assert({ id, said, reason, author: by });
    io.out(`${evidence}\n`);
    if (farMs !== 0) {
      const days = Math.round(Math.abs(farMs) / 86_400_000);
      io.err(
        `this lies ${days} days ${farMs < 0 ? 'before' : 'after'} the incident: if that is a slip, state it again with the right time\n`,
      );
    }
    io.err(`kept as evidence of ${incident}; every later draft of it rests on it. Draft it again with: hindcast draft ${id}\n`);
    return 0;
  } finally {
    await close();
  }
}

function readAssertion(what: string, subject: string, verdict: string | undefined, flags: AssertFlags, now: Instant): Assertion {
  if (what === 'suspect') {
    if (verdict !== 'confirmed' && verdict !== 'rejected') {
      throw new AppError('usage', 'say what is known of the suspect: assert ID suspect CHANGE confirmed, or rejected');
    }
    if ((flags.text ?? flags.giveOrTake) !== undefined) throw new AppError('usage', '--text and --give-or-take do not go with a suspect');
    return { kind: 'suspect', change: subject, verdict };
  }
  if (verdict !== undefined)
    throw new AppError('usage', `${JSON.stringify(verdict)} is one word too many: assert ID ${what} TIME --reason TEXT`);
  const time = readTime(subject, flags.giveOrTake, now);
  if (what === 'event') {
    if (flags.text === undefined) throw new AppError('usage', 'say what happened: assert ID event TIME --text TEXT --reason TEXT');
    return { kind: 'event', text: flags.text, ...time };
  }
  if (flags.text !== undefined) throw new AppError('usage', '--text goes with `event`: a milestone is told by its name');
  return { kind: 'milestone', milestone: what, ...time };
}

type StatedTime = { readonly at: string; readonly plusMinusSeconds?: number };

/** As the person wrote it, since 14:20Z says less than 14:20:00Z; a length ago as precise as half its unit. */
function readTime(text: string, giveOrTake: string | undefined, now: Instant): StatedTime {
  const given = giveOrTake === undefined ? {} : { plusMinusSeconds: secondsOf(giveOrTake) };
  if (text === 'now') return { at: now, ...given };
  const [, length, unit] = /^[-\u2212](\d{1,6}([smhd]))$/.exec(text) ?? [];
  if (length !== undefined) return { at: addMs(now, -durationMs(length)), plusMinusSeconds: durationMs(`1${unit}`) / 2_000, ...given };
  if (momentOf(text)) return { at: text, ...given };
  throw new AppError(
    'usage',
    `${JSON.stringify(text)} is not a time: write 2024-01-15T14:20Z (it needs Z or an offset such as +01:00), now, -20m or -2h`,
  );
}

function secondsOf(text: string): number {
  if (/^\d{1,6}[smhd]$/.test(text)) return durationMs(text) / 1_000;
  throw new AppError('usage', `--give-or-take ${JSON.stringify(text)} is no length of time: write 30s, 5m or 1h`);
}
