import { expect, it } from 'vitest';
import { keepTexts } from '../../src/api/drafts.ts';
import type { App, Drafted } from '../../src/app/app.ts';
import { compose } from '../../src/core/draft/compose.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { snapshotOf } from '../support/events.ts';

const theCase = sampleCase();
const draft = compose(theCase, sampleAnalysis(theCase), [], 'sha256:1');
const drafted: Drafted = { draftId: draft.id, snapshot: snapshotOf([]), draft, partial: false };
const written = (text: string, kind: 'text/markdown' | 'text/html') =>
  keepTexts({} as App, { template: { main: 't', files: { t: text } } })
    .write(drafted, kind)
    .bytes.toString();

it('the API arranges Markdown by the template of the configuration, and nothing else', () => {
  expect(written('only {{ section.summary.heading }}', 'text/markdown')).toBe('only Summary');
  expect(written('only {{ section.summary.heading }}', 'text/html')).toContain('<!doctype html>');
});

it('a template that cannot be used is a fault of the configuration, with file, line and variable', () => {
  expect(() => written('\n{{ nobody }}', 'text/markdown')).toThrow('draft.template: t:2: undefined variable: nobody');
});
