import type { Answer } from './server.ts';

const PAGE_SIZE = 30;
const MAX_PAGE_SIZE = 100;

/** Which page is asked for, and of what size. */
export function pagingOf({ searchParams }: URL): { readonly page: number; readonly perPage: number } {
  const read = (name: string, otherwise: number) => Math.max(1, Number.parseInt(searchParams.get(name) ?? '', 10) || otherwise);
  return { page: read('page', 1), perPage: Math.min(MAX_PAGE_SIZE, read('per_page', PAGE_SIZE)) };
}

/** One page of a list. */
export function paged(items: readonly object[], url: URL, base: string): Answer {
  const { page, perPage } = pagingOf(url);
  return { status: 200, headers: linksOf(items.length, url, base), body: items.slice((page - 1) * perPage, page * perPage) };
}

/** The Link header, on the stand-in's own host; absent where all is on one page. */
export function linksOf(total: number, url: URL, base: string): Readonly<Record<string, string>> {
  const { page, perPage } = pagingOf(url);
  const last = Math.max(1, Math.ceil(total / perPage));
  const places = [
    ...(page > 1 ? ([['prev', page - 1]] as const) : []),
    ...(page < last
      ? ([
          ['next', page + 1],
          ['last', last],
        ] as const)
      : []),
    ...(page > 1 ? ([['first', 1]] as const) : []),
  ];
  if (places.length === 0) return {};
  const links = places.map(([rel, to]) => {
    const target = new URL(`${url.pathname}${url.search}`, base);
    target.searchParams.set('page', `${to}`);
    return `<${target}>; rel="${rel}"`;
  });
  return { link: links.join(', ') };
}
