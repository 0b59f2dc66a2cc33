import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

it('a template that no draft could be arranged by is found by the check, beside the sources', async () => {
  const staged = await stage();
  try {
    const folder = dirname(staged.config);
    const check = async (text: string) => {
      writeFileSync(join(folder, 'own.liquid'), text);
      writeFileSync(join(folder, 'own.yaml'), readFileSync(staged.config, 'utf8').replace('draft:', 'draft:\n  template: own.liquid'));
      const { io, printed } = openTerminal({ env: staged.env });
      const config = join(folder, 'own.yaml');
      const code = await main(['check', '--config', config], io, () => openApp({ config, env: staged.env, cwd: '.' }));
      return { code, out: printed.out };
    };
    const broken = await check('# {{ title }}\n{% fro x %}');
    expect(broken.out).toMatch(/configuration\s+draft\.template\s+FAILED\s+own\.liquid:2: tag "fro" not found/);
    expect(broken.out).toMatch(/pagerduty\s+pagerduty\s+incidents\s+ok/);
    expect(broken.code).toBe(2);
    expect(await check('# {{ title }}')).toMatchObject({ code: 0, out: expect.stringMatching(/draft\.template\s+ok/) });
  } finally {
    await staged.close();
  }
});
