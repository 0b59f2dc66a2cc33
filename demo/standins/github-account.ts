import { createVerify, type KeyLike } from 'node:crypto';
import type { World } from '../world.ts';
import { repositoryOf } from './github-shapes.ts';
import type { Answer, Asked } from './server.ts';

/** A GitHub App as a test installs it: who it is, and the public half of its key. */
export interface InstalledApp {
  readonly appId: number;
  readonly installationId: number;
  readonly publicKey: KeyLike;
}

/** The token that the app's one installation gets. */
export const INSTALLATION_TOKEN = 'ghs_demoInstallationToken0123456789';

const PATH = /^\/app\/installations\/(\d+)\/access_tokens$/;

/** A token for an installation, for whoever signs with the app's own key; nothing where another path was asked. */
export function accessToken(world: World, { method, url, headers }: Asked, app: InstalledApp | undefined): Answer | undefined {
  const [, id] = PATH.exec(url.pathname.replace(/^\/api\/v3(?=\/)/, '')) ?? [];
  if (method !== 'POST' || id === undefined) return undefined;
  const refuse = (status: number, message: string) => ({ status, body: { message, documentation_url: 'https://docs.github.com/rest' } });
  if (!app || !isSigned(headers.authorization, app)) return refuse(401, 'A JSON web token could not be decoded');
  if (id !== `${app.installationId}`) return refuse(404, 'Not Found');
  const expires_at = new Date(Date.parse(world.now) + 3_600_000).toISOString().replace('.000Z', 'Z');
  const permissions = { actions: 'read', contents: 'read', deployments: 'read', metadata: 'read', pull_requests: 'read' };
  return { status: 201, body: { token: INSTALLATION_TOKEN, expires_at, permissions, repository_selection: 'all' } };
}

function isSigned(authorization: string | undefined, { appId, publicKey }: InstalledApp): boolean {
  const [, head = '', claims = '', signature = ''] = /^bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization ?? '') ?? [];
  if (claims === '') return false;
  const { iss } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const isOurs = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, Buffer.from(signature, 'base64url'));
  return isOurs && `${iss}` === `${appId}`;
}

/** The repositories that a token, or an installation, was given; the one pushed to last first. */
export function repositoriesOf(world: World): readonly object[] {
  const shapes = world.github.repositories.map((repository) => repositoryOf({ world, repository }));
  return shapes.toSorted((a, b) => (Object(a).pushed_at < Object(b).pushed_at ? 1 : -1));
}
