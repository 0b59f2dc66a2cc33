import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Check } from 'typebox/value';
import { expect, it } from 'vitest';
import { CONNECTORS } from '../../connectors/index.ts';
import type { AnyConnector } from '../../src/contract/index.ts';
import type { Fixture } from './fixture.ts';

/** What a connector's files may not hold, besides what its kit and its request give. */
const FORBIDDEN = {
  'the global fetch': /(?<![.\w])fetch\s*\(/,
  'the environment': /\bprocess\b\s*[.[]|import\.meta\.env/,
  'the console': /\bconsole\./,
  'a clock': /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.|Temporal\.Now/,
  chance: /\bMath\.random\b|\brandomUUID\b/,
  'a wait of its own': /\bset(?:Timeout|Interval|Immediate)\s*\(/,
  'state of the module':
    /^(?:export )?(?:let|var) |^(?:export )?const \w+(?:: [^=]+)? = (?:new (?:Map|Set|WeakMap)(?:<[^>]*>)?\(\)|\[\]);/m,
} as const;

/** C1, C2 and C7: what can be read off a connector without asking anything. */
export function testDuties(connector: AnyConnector, fixture: Fixture): void {
  it('C1 has a kebab-case id equal to its folder, and is registered once', () => {
    expect(connector.id).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
    expect(filesOf(connector.id)).toContain('index.ts');
    expect(CONNECTORS.filter(({ id }) => id === connector.id)).toEqual([connector]);
    const ids = connector.streams.map(({ spec }) => spec.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(fixture.questions.map(({ stream }) => stream))).toEqual(new Set(ids));
  });

  it('C2 refuses unknown keys, and plain http to any host but this machine', () => {
    expect(Check(connector.config, fixture.config)).toBe(true);
    expect(Check(connector.config, { ...fixture.config, no_such_key: 1 })).toBe(false);
    for (const scope of fixture.scopes) {
      expect(Check(connector.scope, scope)).toBe(true);
      expect(Check(connector.scope, { ...Object(scope), no_such_key: 1 })).toBe(false);
    }
    const { address } = fixture.network ?? {};
    const allowed = (url: string) => Check(connector.config, { ...fixture.config, ...(address && { [address]: url }) });
    if (address === undefined) return;
    expect(['https://proxy.example', 'http://127.0.0.1:8080', 'http://localhost:1'].filter((url) => !allowed(url))).toEqual([]);
    const refused = [
      'http://proxy.example',
      'http://10.0.0.1',
      'https://user:word@proxy.example',
      'ftp://127.0.0.1',
      'file:///etc/passwd',
      '',
    ];
    expect(refused.filter(allowed)).toEqual([]);
  });

  it('C2 names secrets by reference and puts units in keys', () => {
    const properties: Readonly<Record<string, { readonly type?: string }>> = Object(Reflect.get(connector.config, 'properties'));
    const secrets = Object.keys(properties).filter((name) => /token|secret|password|(?:^|_)key|external_id/.test(name));
    expect(secrets.filter((name) => !/_env$|^token_type$/.test(name))).toEqual([]);
    const numbers = Object.keys(properties).filter((name) => ['number', 'integer'].includes(properties[name]?.type ?? ''));
    expect(numbers.filter((name) => !/_(?:seconds|ms|minutes|days|id)$/.test(name))).toEqual([]);
  });

  it('C7 uses only its kit and its request', () => {
    const found = filesOf(connector.id)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => {
        const code = withoutTransport(withoutComments(readFileSync(pathOf(connector.id, file), 'utf8')));
        return Object.entries(FORBIDDEN).flatMap(([what, pattern]) => (pattern.test(code) ? [`${file} uses ${what}`] : []));
      });
    expect(found).toEqual([]);
  });
}

function pathOf(id: string, file = ''): string {
  return fileURLToPath(new URL(`../../connectors/${id}/${file}`, import.meta.url));
}

function filesOf(id: string, folder = ''): readonly string[] {
  return readdirSync(pathOf(id, folder)).flatMap((name) => {
    const file = `${folder}${name}`;
    return statSync(pathOf(id, file)).isDirectory() ? filesOf(id, `${file}/`) : [file];
  });
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** An SDK may be handed the platform's transport with a deadline around it: `const inTime: typeof fetch = …`. Nothing else may call it. */
function withoutTransport(code: string): string {
  return /request: \{ fetch: (\w+) \}/.test(code) ? code.replace(/const \w+: typeof fetch =[\s\S]*?;\n/, '') : code;
}
