import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compose } from '../../src/core/draft/compose.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTemplate, TemplateError, templateProblem } from '../../src/render/template.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { instant } from '../support/events.ts';

const theCase = sampleCase();
const draft = compose(theCase, sampleAnalysis(theCase), [], 'sha256:1');
const shipped = readFileSync(new URL('../../config/templates/default.liquid', import.meta.url), 'utf8');
const templated = (text: string, files: Readonly<Record<string, string>> = {}) =>
  renderTemplate(draft, { main: 'own.liquid', files: { 'own.liquid': text, ...files } });

describe('the shipped template', () => {
  it('gives the document that is written without one, byte for byte', () => {
    expect(templated(shipped)).toBe(renderMarkdown(draft));
  });

  it('gives it of a draft with edits, too', () => {
    const edits = [
      {
        kind: 'rewrite',
        block: 'gone.away',
        after: 0,
        generated: 'sha256:0',
        text: 'Nobody knew.',
        author: 'ana',
        at: instant('16:00'),
        sequence: 1,
      },
      {
        kind: 'insert',
        block: 'i.2',
        below: 'summary.what',
        after: 0,
        text: 'We were lucky.',
        author: 'ana',
        at: instant('16:00'),
        sequence: 2,
      },
    ] as const;
    const edited = compose(theCase, sampleAnalysis(theCase), edits, 'sha256:1');
    expect(renderMarkdown(edited)).toContain('No longer in the timeline');
    expect(renderTemplate(edited, { main: 'd', files: { d: shipped } })).toBe(renderMarkdown(edited));
  });
});

describe('a template of one’s own', () => {
  it('puts sections where it likes, leaves some out, and asks which there are', () => {
    const text =
      '# {{ title }}\n{{ section.timeline.body }}\n{% if section.nothing %}never{% endif %}{% for b in section.summary.blocks %}{{ b.text }}{% endfor %}';
    const written = templated(text);
    expect(written.indexOf('| Time (UTC) |')).toBeLessThan(written.indexOf('<!-- summary.'));
    expect(written).not.toContain('never');
    expect(written).not.toContain('## Durations');
  });

  it('renders the files beside it', () => {
    expect(templated("{% render 'head.liquid', title: title %}", { 'head.liquid': '# {{ title }}' })).toMatch(/^# Post-mortem/);
  });

  it.each([
    ['a variable that there is not', 'a\n{{ nobody.knows }}', 'own.liquid:2: undefined variable: nobody'],
    ['a filter that there is not', 'a\n\n{{ title | shout }}', 'own.liquid:3: undefined filter: shout'],
    ['a tag that is not closed', '{% if title %}', 'own.liquid:1: tag {% if title %} not closed'],
    [
      'a file outside its folder',
      "{% render '../../etc/passwd' %}",
      'own.liquid:1: no file ../../etc/passwd in the folder of the template',
    ],
    ['what an object inherits', '{{ title.constructor }}', 'own.liquid:1: undefined variable: title.constructor'],
    [
      'a link that is none to the web',
      '[press](javascript:alert(1))',
      'own.liquid:1: a link may lead to http and https, not to javascript:',
    ],
    [
      'an address that is made',
      '\n<a href="{{ title }}">',
      "own.liquid:2: an address cannot be made of a variable: the draft's texts hold their links",
    ],
    ['more memory than a document needs', '{% for i in (1..200000000) %}{{ i }}{% endfor %}', 'own.liquid:1: memory alloc limit exceeded'],
  ])('names file, line and %s', (_, text, message) => {
    expect(() => templated(text)).toThrow(new TemplateError(message));
  });

  it('ends after two seconds', () => {
    const text = '{% for i in (1..30000) %}{% for j in (1..30000) %}{% assign a = j %}{% endfor %}{% endfor %}';
    expect(() => templated(text)).toThrow(/own\.liquid:1: template render limit exceeded/);
  });

  it('is read before any draft: what is wrong with it is said', () => {
    expect(templateProblem({ main: 'd', files: { d: shipped } })).toBeUndefined();
    expect(templateProblem({ main: 'd', files: { d: '\n{% fro x %}' } })).toBe('d:2: tag "fro" not found');
  });

  it('a name that no draft has is said before any draft, also in a file that another renders', () => {
    expect(templateProblem({ main: 'd', files: { d: '# {{ title }}\n{{ titel }}' } })).toBe('d:2: undefined variable: titel');
    const parts = { d: "{% for own in sections %}{% render 'part', own: own %}{% endfor %}", part: '{{ own.body }}\n{{ now }}' };
    expect(templateProblem({ main: 'd', files: parts })).toBe('part:2: undefined variable: now');
    const all =
      "{% render 'part' for sections as own %}{% for s in sections %}{% assign n = forloop.index %}{{ n }}{{ s.key }}{% endfor %}";
    expect(templateProblem({ main: 'd', files: { d: all, part: '{{ own.body }}{{ forloop.index }}' } })).toBeUndefined();
  });
});
