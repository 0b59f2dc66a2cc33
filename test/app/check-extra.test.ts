import { expect, it } from 'vitest';
import { stage } from '../../demo/run.ts';
import { main } from '../../src/cli/command-line.ts';
import { openApp } from '../../src/compose.ts';
import { openTerminal } from '../support/terminal.ts';

it('a permission that most drafts do without is told as missing, and fails no check; one that every draft needs does', async () => {
  const staged = await stage();
  try {
    const check = async () => {
      const { io, printed } = openTerminal({ env: staged.env });
      const code = await main(['check', '--config', staged.config], io, () =>
        openApp({ config: staged.config, env: staged.env, cwd: '.' }),
      );
      return { code, out: printed.out };
    };
    staged.cloudwatch.fail({ path: /ListMetrics/, mode: 403 });
    const extra = await check();
    expect(extra.out).toMatch(/cloudwatch:ListMetrics\s+missing/);
    expect(extra.code).toBe(0);
    staged.cloudwatch.fail({ path: /DescribeAlarmHistory/, mode: 403 });
    const needed = await check();
    expect(needed.out).toMatch(/cloudwatch:DescribeAlarmHistory\s+FAILED/);
    expect(needed.code).toBe(4);
  } finally {
    await staged.close();
  }
});
