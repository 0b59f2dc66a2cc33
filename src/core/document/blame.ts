import type { DocumentFinding } from './finding.ts';
import type { Part } from './reader.ts';
import { withoutQuotes } from './visible-text.ts';

/**
 * Words that judge a person, or tell what did not happen as if it were a cause, and what could be written in their place. After
 * Etsy's Debriefing Facilitation Guide (2016) and Dekker, "The Field Guide to Understanding Human Error" (2014): a counterfactual
 * says nothing of why what was done made sense then.
 */
const PHRASES: readonly (readonly [pattern: RegExp, kinder: string])[] = [
  [/\b(?:human|operator|user|pilot) error\b/i, 'Say what the system allowed and what made the step look right at the time.'],
  [/\b(?:should(?:n't| not)? have|ought to have)\b/i, 'Say what was known and done; move the wish to an action item.'],
  [
    /\bcould(?:n't| not)? have (?:been )?(?:prevented|avoided|caught|seen|known|noticed)\b|\bif only\b/i,
    'Say what was seen and when; move the wish to an action item.',
  ],
  [
    /\b(?:careless(?:ly|ness)?|negligen(?:t|ce)|sloppy|lazy(?! ?-?(?:load|init|import|eval|compil|fetch|wrap|creat))|incompeten(?:t|ce)|stupid(?:ly)?|reckless(?:ly)?|irresponsib(?:le|ly)|thoughtless(?:ly)?)\b/i,
    'Leave the judgment out and say what the situation was.',
  ],
  [
    /\b(?:forgot|neglected|omitted|(?:didn't|did not) bother) to\b|\b(?:reviewer|developer|engineer|operator|on-call|team|he|she|we|they|who)(?: \w+)? failed to\b/i,
    'Say that the step did not happen, and what would have reminded of it.',
  ],
  [
    /\b(?:(?:at|whose|my|his|her|their) fault|to blame|blam(?:e|es|ed) (?:on )?[A-Z]\w+|is responsible for (?:the )?(?:outage|incident|failure))\b/,
    'Name the conditions in place of a culprit.',
  ],
  [
    /\b(?:reviewer|developer|engineer|operator|on-call|dba|admin(?:istrator)?|author|team member|he|she)\b[^.|]{0,24}\b(?:didn't|did not|missed|overlooked|ignored|broke|screwed up|messed up)\b/i,
    'Say what the check or the tool did not show, in place of who did not see it.',
  ],
  [
    /\b(?:obviously|clearly|simply|just) (?:should|wrong|a mistake|needed to)\b/i,
    'It was not plain at the time: say what was visible then.',
  ],
];

/** Phrases that lay blame or argue with the past, each with a kinder way to say it. What others said is quoted and left alone. */
export function blameFindings(parts: readonly Part[]): readonly DocumentFinding[] {
  return parts.flatMap(({ kind, text, line }) => {
    if (kind === 'code' || kind === 'note') return [];
    return text.split('\n').flatMap((words, index) =>
      PHRASES.flatMap(([pattern, kinder]) => {
        const found = pattern.exec(withoutQuotes(words));
        return found
          ? [
              {
                line: line + index,
                kind: 'blame' as const,
                stated: found[0],
                follows: kinder,
                sure: 'possible' as const,
                verdict: 'wrong' as const,
              },
            ]
          : [];
      }),
    );
  });
}
