import { describe, expect, it } from 'vitest';
import { formsOf } from '../../src/core/name-forms.ts';
import { indexForms, replaceForms } from '../../src/core/names.ts';

const disguised = (names: readonly string[], text: string) => replaceForms(text, indexForms(formsOf(names, 'the on-call')), 'prose');

describe('a name in a script that puts no spaces between words', () => {
  it.each([
    ['山田 太郎', '山田さんが確認中', 'the on-callさんが確認中'],
    ['山田　太郎', '太郎が対応しました', 'the on-callが対応しました'],
    ['山田太郎', '山田さんと太郎さん', 'the on-callさんとthe on-callさん'],
    ['王小明', '小明重启了服务', 'the on-call重启了服务'],
    ['김민준', '민준님이 롤백했습니다', 'the on-call님이 롤백했습니다'],
    ['山田太郎', '山田太郎: ロールバック', 'the on-call: ロールバック'],
  ])('%s is hidden by its parts too', (name, text, hidden) => {
    expect(disguised([name], text)).toBe(hidden);
  });

  it.each([
    ['王小明', '王国のサーバー'],
    ['김민준', '김치 서비스'],
    ['林 静', '静的ファイル、林道'],
  ])('%s is not taken for the one character that its family shares with other words', (name, text) => {
    expect(disguised([name], text)).toBe(text);
  });
});
