import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import { IGNORED, STEPS } from '../../../connectors/pagerduty/log-entry.ts';

describe('the README', () => {
  it('names every type of log entry that is mapped or ignored', () => {
    const readme = readFileSync(new URL('../../../connectors/pagerduty/README.md', import.meta.url), 'utf8');
    const types = [...Object.keys(STEPS), ...IGNORED].map((type) => type.replace('_log_entry', ''));
    expect(types.filter((type) => !readme.includes(`\`${type}\``))).toEqual([]);
    for (const { spec } of pagerduty.streams) expect(readme).toMatch(new RegExp(`\\| \`${spec.id}\` \\|.*\\| ${spec.need} \\|`));
  });
});
