import { describe, expect, it } from 'vitest';
import { actorOf, personFacts } from '../../../connectors/github/people.ts';
import { pathOf, repositoryOf } from '../../../connectors/github/repository.ts';

describe('the repository that an address names', () => {
  it.each([
    ['https://api.github.com/repos/acme/api/deployments/7', 'acme/api', 'https://github.com/acme/api'],
    ['https://api.github.com/repos/Acme/API.js', 'Acme/API.js', 'https://github.com/Acme/API.js'],
    ['https://github.com/acme/api', 'acme/api', 'https://github.com/acme/api'],
    ['https://git.acme.example/api/v3/repos/acme/api', 'acme/api', 'https://git.acme.example/acme/api'],
    ['https://api.acme.ghe.com/repos/acme/api', 'acme/api', 'https://acme.ghe.com/acme/api'],
    ['http://127.0.0.1:8080/repos/acme/api', 'acme/api', 'http://127.0.0.1:8080/acme/api'],
  ])('%s', (address, name, web) => {
    expect(repositoryOf(address)).toEqual({ name, web });
  });

  it.each(['', 'acme/api', 'https://api.github.com/', 'https://api.github.com/repos/acme'])('%j names none, or no whole one', (address) => {
    expect(repositoryOf(address)?.name).not.toBe('acme/api');
  });
});

it('what stands in a path is encoded, so that no name can leave its place', () => {
  expect(pathOf('acme/api', 'compare', 'a/../../x?y#z')).toBe('/repos/acme/api/compare/a%2F..%2F..%2Fx%3Fy%23z');
});

describe('who made a record', () => {
  it.each([
    [
      { login: 'mgarcia', type: 'User' },
      { kind: 'person', id: 'github:user:mgarcia', name: 'mgarcia' },
    ],
    [{ login: 'mgarcia' }, { kind: 'person', id: 'github:user:mgarcia', name: 'mgarcia' }],
    [
      { login: 'deployer', type: 'Bot' },
      { kind: 'automation', name: 'deployer' },
    ],
    [{ login: 'github-actions[bot]' }, { kind: 'automation', name: 'github-actions[bot]' }],
    [null, { kind: 'unknown' }],
    [undefined, { kind: 'unknown' }],
  ])('%j', (user, actor) => {
    expect(actorOf(user)).toEqual(actor);
    expect(personFacts(user)).toHaveLength(actor.kind === 'person' ? 1 : 0);
  });

  it('a person’s fact has every name that the record says', () => {
    const user = { login: 'mgarcia', type: 'User', name: 'Maria Garcia', email: 'maria@acme.example' };
    expect(personFacts(user)).toEqual([
      { kind: 'person', key: 'github:user:mgarcia', names: ['mgarcia', 'Maria Garcia', 'maria@acme.example'] },
    ]);
  });
});
