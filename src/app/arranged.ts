import type { Draft } from '../core/draft/model.ts';
import type { MarkdownOptions } from '../render/markdown.ts';
import { renderTemplate, TemplateError } from '../render/template.ts';
import { AppError } from './errors.ts';
import type { TemplateTexts } from './ports.ts';

/** The draft's Markdown as the configured template arranges it. Throws AppError('config') that names file, line and variable. */
export function arranged(draft: Draft, template: TemplateTexts, options: MarkdownOptions = {}): string {
  try {
    return renderTemplate(draft, template, options);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new AppError('config', `draft.template: ${error.message}`, { cause: error });
  }
}
