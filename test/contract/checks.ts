import { expect, it } from 'vitest';
import type { AnyConnector, CheckReport } from '../../src/contract/index.ts';
import { ask, type Circumstances, type Fixture, type Network, start } from './fixture.ts';

export type NetworkFixture = Fixture & { readonly network: Network };

interface Checked {
  readonly report: CheckReport;
  readonly permissions: readonly string[];
  readonly reads: readonly boolean[];
}

/** C16: what `check` asks and says. */
export function testChecks(connector: AnyConnector, fixture: NetworkFixture): void {
  const check = async (given: Circumstances = {}): Promise<Checked> => {
    const standing = await start(fixture, given);
    try {
      const report = await connector.check(standing.client, fixture.scopes, new AbortController().signal);
      const permissions = [...new Set(standing.requests.map(fixture.network.permissionOf))].toSorted();
      const reads = standing.requests.map(({ method, target }) => method === 'GET' || /^(?:Describe|Get|List)/.test(target ?? ''));
      return { report, permissions, reads };
    } finally {
      await standing.close();
    }
  };

  it('C16 checks with the permissions that pull uses, and writes nothing', async () => {
    const needed = new Set<string>();
    for (const question of fixture.questions) {
      for (const request of (await ask(connector, fixture, question)).requests) needed.add(fixture.network.permissionOf(request));
    }
    const { report, permissions, reads } = await check();
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect([...needed].filter((permission) => !permissions.includes(permission))).toEqual([]);
    expect(reads).not.toContain(false);
  });

  it('C16 names the permission that is missing', async () => {
    const { permissions } = await check();
    for (const missing of permissions.filter((permission) => permission !== '')) {
      const { report } = await check({ vendor: (vendor) => withoutPermission(vendor, fixture.network, missing) });
      const failed = report.checks.filter(({ ok }) => !ok);
      expect([missing, failed.length > 0]).toEqual([missing, true]);
      expect(failed.map(({ name, detail }) => `${name}: ${detail}`).join('\n')).toContain(missing);
    }
  });

  it('C16 says that the credentials are refused', async () => {
    const { report } = await check({ faults: [{ path: /./, mode: 401 }] });
    expect(report.checks.some(({ ok }) => ok)).toBe(false);
    expect(report.checks.map(({ detail }) => detail).join('\n')).toMatch(/refuse/);
  });

  it.each([
    ['ahead of', 600_000],
    ['behind', -600_000],
  ])('C16 tells how far a clock that is %s ours is off', async (_, clockOffsetMs) => {
    const { report } = await check({ faults: [{ path: /./, mode: 'clock', clockOffsetMs }] });
    expect(Math.abs((report.clockOffsetMs ?? 0) - clockOffsetMs)).toBeLessThan(30_000);
  });
}

function withoutPermission(vendor: ReturnType<Network['vendor']>, network: Network, missing: string): ReturnType<Network['vendor']> {
  return {
    ...vendor,
    answer: (asked, base) => {
      const target = vendor.target?.(asked);
      const line = { method: asked.method, path: asked.url.pathname, query: asked.url.search, status: 0, at: 0, ...(target && { target }) };
      return network.permissionOf(line) === missing ? vendor.refuse(403, asked) : vendor.answer(asked, base);
    },
  };
}
