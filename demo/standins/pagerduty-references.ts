import { createHash } from 'node:crypto';
import type { World, WorldIncident } from '../world.ts';

/** How PagerDuty names an object inside another one. */
export interface Reference {
  readonly id: string;
  readonly type: string;
  readonly summary: string | null;
  readonly self: string | null;
  readonly html_url: string | null;
}

const API = 'https://api.pagerduty.com';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** An id like PagerDuty's, the same for the same name in every run. */
export function idOf(prefix: string, name: string, length = 25): string {
  const bytes = createHash('sha256').update(name).digest();
  return prefix + Array.from(bytes.subarray(0, length), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

export function webUrl({ pagerduty }: World, path: string): string {
  return `https://${pagerduty.subdomain}.pagerduty.com${path}`;
}

/** A person of the world by the id that they have there. */
export function userReference(world: World, person: string): Reference {
  const found = world.people.find(({ id }) => id === person);
  if (!found) throw new Error(`the world has no person ${person}`);
  return {
    id: found.pagerduty,
    type: 'user_reference',
    summary: found.name,
    self: `${API}/users/${found.pagerduty}`,
    html_url: webUrl(world, `/users/${found.pagerduty}`),
  };
}

export function serviceReference(world: World, id: string): Reference {
  const found = world.pagerduty.services.find((service) => service.id === id);
  if (!found) throw new Error(`the world has no service ${id}`);
  const { name } = found;
  return {
    id,
    type: 'service_reference',
    summary: name,
    self: `${API}/services/${id}`,
    html_url: webUrl(world, `/service-directory/${id}`),
  };
}

export function integrationReference(world: World, id: string, type = 'integration_reference'): Reference {
  const found = world.pagerduty.integrations.find((integration) => integration.id === id);
  if (!found) throw new Error(`the world has no integration ${id}`);
  const path = `/services/${found.service}/integrations/${id}`;
  return { id, type, summary: found.name, self: `${API}${path}`, html_url: webUrl(world, path) };
}

export function policyReference(world: World, id: string): Reference {
  const found = world.pagerduty.escalation_policies.find((policy) => policy.id === id);
  return {
    id,
    type: 'escalation_policy_reference',
    summary: found?.name ?? null,
    self: `${API}/escalation_policies/${id}`,
    html_url: webUrl(world, `/escalation_policies/${id}`),
  };
}

export function incidentReference(world: World, { id, number, title }: WorldIncident): Reference {
  const summary = `[#${number}] ${title}`;
  return { id, type: 'incident_reference', summary, self: `${API}/incidents/${id}`, html_url: webUrl(world, `/incidents/${id}`) };
}

/** Why an incident was resolved: PagerDuty says so of a merge alone. */
export function mergeReason(world: World, { merged_into }: WorldIncident): object | null {
  const target = world.pagerduty.incidents.find(({ id }) => id === merged_into);
  return target ? { type: 'merge_resolve_reason', incident: incidentReference(world, target) } : null;
}

export const PRIORITIES = ['P1', 'P2', 'P3', 'P4', 'P5'] as const;

export function priorityOf(
  name: string,
  type: 'priority' | 'priority_reference',
): Reference & { readonly name?: string; readonly description?: string } {
  const id = idOf('P', `priority ${name}`, 6);
  const reference = { id, type, summary: name, self: `${API}/priorities/${id}`, html_url: null };
  return type === 'priority' ? { ...reference, name, description: `Priority ${name}` } : reference;
}

export function entryId({ id }: WorldIncident, index: number): string {
  return idOf('R', `${id}/${index}`);
}

export function triggerReference(world: World, incident: WorldIncident): Reference {
  const id = entryId(incident, 0);
  return {
    id,
    type: 'trigger_log_entry_reference',
    summary: 'Triggered through the API.',
    self: `${API}/log_entries/${id}`,
    html_url: webUrl(world, `/incidents/${incident.id}/log_entries/${id}`),
  };
}
