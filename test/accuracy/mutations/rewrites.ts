type Rewrite = readonly [pattern: RegExp, words: string];

/**
 * What three people made of the same draft: the first keeps close to it, the second turns clauses round and leaves numbers out, the
 * third writes as people talk and adds what the record cannot know. All say what the draft says. Patterns see a line without its notes;
 * the first ten that a draft has a line for are applied.
 */
export const REWRITES: readonly (readonly Rewrite[])[] = [
  [
    [
      /^On (.+?), the service api was degraded from (\S+) to (\S+) UTC, for (\d+ min) \((.+?)\)\. Alarm (\S+) fired at (\S+), the on-call was paged at (\S+) and the page was acknowledged at (\S+)\.(.*)$/,
      'On $1 the api service was degraded between $2 and $3 UTC, so for $4 ($5). The alarm $6 went off at $7; the on-call got the page at $8 and acknowledged it at $9.$10',
    ],
    [/^(\| \S+ \| )The incident was opened and the on-call paged\.(.*)$/, '$1Incident opened, on-call paged.$2'],
    [/^(\| \S+ \| )Primary on-call acknowledged the incident\.(.*)$/, '$1The primary on-call acknowledged it.$2'],
    [/^(\| \S+ \| )Alarm (\S+) was OK again\.(.*)$/, '$1The alarm $2 went back to OK.$3'],
    [/^(\| \S+ \| )Primary on-call closed the incident\.(.*)$/, '$1The primary on-call closed the incident out.$2'],
    [/^(\| \S+ \| )(\S+) was back to normal, at (\d+)\.(.*)$/, '$1$2 had returned to normal ($3).$4'],
    [
      /^The impact start is inferred: the first moment at which a metric of the fired alarms left its normal range\.$/,
      'We inferred the start of the impact: it is the first moment at which a metric of the alarms that fired left its normal range.',
    ],
    [
      /^- The page came (\d+ min) after detection, within the target of (\d+ min)\.$/,
      '- We were paged $1 after detection, which is within the target of $2.',
    ],
    [
      /^- The acknowledgement came (\d+ min) after the page, within the target of (\d+ min)\.$/,
      '- The page was acknowledged after $1, within our target of $2.',
    ],
    [
      /^- Recovery came (.+?) after the start of the impact, within the target of (\d+ min)\.$/,
      '- We had recovered $1 after the impact started, within the target of $2.',
    ],
    [/^No single cause is named here: (.+)$/, 'We name no single cause here: $1'],
    [/^(\d+ status updates) were posted from (\S+) to (\S+); (.+)$/, '$1 went out from $2 to $3; $4'],
  ],
  [
    [
      /^On (.+?), the service api was degraded from (\S+) to (\S+) UTC, for (\d+ min) \((.+?)\)\. Alarm (\S+) fired at (\S+), the on-call was paged at (\S+) and the page was acknowledged at (\S+)\.(.*)$/,
      'The service api was degraded for $4 on $1: from $2 to $3 UTC. The on-call was paged at $8, after alarm $6 had fired at $7, and acknowledged the page at $9.$10',
    ],
    [
      /^(\| \S+ \| )(\S+) left its normal range, at (\d+); the alarm's threshold is (\d+)\.(.*)$/,
      "$1The alarm's threshold is $4: $2 left its normal range.$5",
    ],
    [/^(\| \S+ \| )The incident was opened and the on-call paged\.(.*)$/, '$1The on-call was paged and the incident opened.$2'],
    [/^(\| \S+ \| )(\S+) was back to normal, at (\d+)\.(.*)$/, '$1Back to normal: $2.$4'],
    [
      /^- The first status update came (.+?) \((.+?)\) after the start of the impact, within the target of (\d+ min)\.$/,
      '- Within the target of $3: the first status update came $1 after the impact began.',
    ],
    [
      /^- The page came (\d+ min) after detection, within the target of (\d+ min)\.$/,
      '- Within the target of $2, the page came $1 after detection.',
    ],
    [
      /^- Recovery came (.+?) \((.+?)\) after the start of the impact, within the target of (\d+ min)\.$/,
      '- Recovery came after $1, counted from the start of the impact.',
    ],
    [
      /^The impact start is inferred: the first moment at which a metric of the fired alarms left its normal range\.$/,
      'A metric of the fired alarms left its normal range at that moment: the impact start is inferred from it.',
    ],
    [/^(- )?(\d+ status updates) were posted from (\S+) to (\S+); (.+)$/, '- From $3 to $4, $2 were posted.'],
    [/^(\| \S+ \| )Primary on-call acknowledged the incident\.(.*)$/, '$1The incident was acknowledged by the primary on-call.$2'],
    [/^(\| \S+ \| )Primary on-call closed the incident\.(.*)$/, '$1The incident was closed by the primary on-call.$2'],
    [
      /^No single cause is named here: failures like this come from several factors together\.(.*)$/,
      'Failures like this come from several factors together, so no single cause is named.$1',
    ],
  ],
  [
    [
      /^On (.+?), the service api was degraded from (\S+) to (\S+) UTC, for (\d+ min) \((.+?)\)\. Alarm (\S+) fired at (\S+), the on-call was paged at (\S+) and the page was acknowledged at (\S+)\.(.*)$/,
      'This is what a bad quarter of an hour looks like from the inside. On $1 the api was degraded from $2 until $3 UTC. The alarm $6 fired at $7. The on-call was paged at $8. The page was acknowledged at $9.$10',
    ],
    [
      /^(\| \S+ \| )(\S+) left its normal range, at (\d+); the alarm's threshold is (\d+)\.(.*)$/,
      '$1Errors climb: $2 leaves its normal range, at $3. The threshold of the alarm is $4.$5',
    ],
    [/^(\| \S+ \| )The incident was opened and the on-call paged\.(.*)$/, '$1PagerDuty opens the incident and pages the on-call.$2'],
    [/^(\| \S+ \| )Primary on-call acknowledged the incident\.(.*)$/, '$1Primary on-call acks the incident and opens the dashboard.$2'],
    [/^(\| \S+ \| )Alarm (\S+) was OK again\.(.*)$/, '$1$2 is OK again. Relief.$3'],
    [/^(\| \S+ \| )Primary on-call closed the incident\.(.*)$/, '$1Primary on-call closes the incident. Coffee.$2'],
    [/^(\| \S+ \| )(\S+) was back to normal, at (\d+)\.(.*)$/, '$1Things calm down: $2 is back to normal, at $3.$4'],
    [
      /^- The page came (\d+ min) after detection, within the target of (\d+ min)\.$/,
      '- Paging worked: $1 after detection (target: within $2).',
    ],
    [
      /^- The acknowledgement came (\d+ min) after the page, within the target of (\d+ min)\.$/,
      '- The acknowledgement took just $1 from the page, so within the target of $2. Thank you!',
    ],
    [
      /^- Recovery came (.+?) after the start of the impact, within the target of (\d+ min)\.$/,
      '- Recovery came $1 after the start of the impact, and that is within the target of $2.',
    ],
    [
      /^> \*\*Question:\*\* Who writes this post-mortem, and who reviews it\?$/,
      'The api team wrote this together; the platform team reviewed it.',
    ],
    [
      /^> \*\*Question:\*\* What surprised the people who responded, and what do they know now\?$/,
      'It surprised us how fast the pool filled up again, and nobody knew the dashboard for it.',
    ],
  ],
];

const NOTES = /(?: ?\[\^\d+\])+/g;
const MARK = / ?<!-- \S+ [0-9a-f]{10} e\d+ -->/g;

/** The draft as it comes back from another tool: the marks are gone. */
export function withoutMarks(draft: string): string {
  return draft.replaceAll(MARK, '');
}

/** The draft with the first ten rewrites of a person that it has lines for, and how many those were. */
export function rewrite(text: string, by: number, count = 10): { readonly text: string; readonly rewritten: number } {
  const left = [...(REWRITES[by] ?? [])];
  let rewritten = 0;
  const lines = text.split('\n').map((line) => {
    const plain = line.replaceAll(NOTES, '');
    const at = rewritten < count ? left.findIndex(([pattern]) => pattern.test(plain)) : -1;
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (!found) return line;
    rewritten += 1;
    return plain.replace(found[0], found[1]);
  });
  return { text: lines.join('\n'), rewritten };
}
