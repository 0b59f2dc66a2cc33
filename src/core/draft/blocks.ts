import { digestText } from '../digest.ts';
import type { GeneratedBlock } from './edits.ts';
import type { Block, Section } from './model.ts';

/** The generated words of a block: what a rewrite replaces, and what tells that they moved since someone rewrote them. */
export function textOf(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return block.sentences.map(({ text }) => text).join(' ');
    case 'row':
    case 'action':
    case 'caveat':
      return block.what.text;
    case 'metric':
      return `${block.label}: ${block.value}`;
    case 'figure':
      return `${block.title}. ${block.alt}`;
    case 'code':
    case 'question':
      return block.text;
  }
}

/** The blocks of a draft in the order in which a reader meets them, as `applyEdits` takes them. */
export function generatedOf(sections: readonly Section[]): readonly GeneratedBlock[] {
  return sections
    .flatMap(({ blocks }) => blocks)
    .map((block) => ({ key: block.key, text: textOf(block), digest: digestText(textOf(block)) }));
}
