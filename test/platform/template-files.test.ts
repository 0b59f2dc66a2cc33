import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CONNECTORS } from '../../connectors/index.ts';
import { loadSettings } from '../../src/platform/config.ts';
import { readTemplate } from '../../src/platform/template-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hindcast-template-'));
  mkdirSync(join(folder, 'own'));
  writeFileSync(join(folder, 'secret.liquid'), 'secret');
  writeFileSync(join(folder, 'own/main.liquid'), '# {{ title }}');
  writeFileSync(join(folder, 'own/head.liquid'), 'head');
  writeFileSync(join(folder, 'own/notes.txt'), 'no template');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a template comes with the templates of its folder, and nothing else', () => {
  symlinkSync(join(folder, 'secret.liquid'), join(folder, 'own/leak.liquid'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'own/lost.liquid'));
  expect(readTemplate(join(folder, 'own/main.liquid'))).toEqual({
    main: 'main.liquid',
    files: { 'main.liquid': '# {{ title }}', 'head.liquid': 'head' },
  });
});

it.each([
  ['own/none.liquid', 'there is no such file'],
  ['none/main.liquid', 'there is no such file'],
  ['own', 'is no file of its own folder'],
])('%s is refused with what is wrong', (path, problem) => {
  expect(() => readTemplate(join(folder, path))).toThrow(problem);
});

it('too much for a template is refused', () => {
  for (let index = 0; index < 5; index += 1) writeFileSync(join(folder, `own/${index}.liquid`), 'x'.repeat(300_000));
  expect(() => readTemplate(join(folder, 'own/main.liquid'))).toThrow('longer than');
  for (let index = 0; index < 101; index += 1) writeFileSync(join(folder, `own/n${index}.liquid`), '');
  expect(() => readTemplate(join(folder, 'own/main.liquid'))).toThrow('more than 100');
});

it('the configuration names it from its own folder, wherever the process runs', () => {
  writeFileSync(join(folder, 'hindcast.yaml'), 'draft: { template: own/main.liquid }\n');
  const connectors = (id: string) => CONNECTORS.find((connector) => connector.id === id);
  const known = { env: { PAGERDUTY_TOKEN: 'x' }, connectors, connectorIds: CONNECTORS.map(({ id }) => id) };
  expect(loadSettings({ ...known, path: join(folder, 'hindcast.yaml'), cwd: '/' }).template?.files).toHaveProperty(['head.liquid'], 'head');
});
