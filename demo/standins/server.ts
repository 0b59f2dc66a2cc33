import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a stand-in saw it: the log that tests count calls from. */
export interface Logged {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly target?: string;
  /** When it came, in milliseconds of this process's own clock. */
  readonly at: number;
  /** What was asked, where a path does not say it. */
  readonly body?: string;
}

/**
 * A way to fail on demand. `path` is matched against `METHOD /path?query target`; `after` lets that many matching requests pass
 * first, and `times` is how often, always where absent. `slow` waits `delayMs` and answers well; `hang` never answers; `drip` sends
 * a byte each `delayMs`; `reset` tears the connection; `truncate` cuts the body in half; `wrong_type` sends the body as HTML;
 * `repeat_page` gives the last answer to the same path once more, whatever page is asked for (for ever, it is a cursor that loops);
 * `clock` moves the Date header by `clockOffsetMs`; `rewrite` sends what `rewrite` makes of the answer; a number is that HTTP status
 * in the vendor's own error form.
 */
export interface Fault {
  readonly path: RegExp;
  readonly mode: number | 'hang' | 'reset' | 'truncate' | 'wrong_type' | 'slow' | 'drip' | 'repeat_page' | 'clock' | 'rewrite';
  readonly after?: number;
  readonly times?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  readonly clockOffsetMs?: number;
  readonly rewrite?: (answer: Answer, asked: Asked) => Answer;
}

export interface StandIn {
  readonly url: string;
  readonly requests: readonly Logged[];
  fail(fault: Fault): void;
  /** Forgets all faults and the log. */
  reset(): void;
  close(): Promise<void>;
}

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Vendor {
  /** The world's now: stamped into the `Date` header. */
  readonly now: string;
  answer(asked: Asked, base: string): Answer;
  /** An error in the vendor's own form. */
  refuse(status: number, asked: Asked): Answer;
  readonly contentType: string;
  /** What tells two calls to one path apart, such as `X-Amz-Target`. */
  target?(asked: Asked): string | undefined;
  /** What the pages of one list have in common; the path and the target where absent. */
  list?(asked: Asked): string;
}

/** Starts a stand-in on a loopback port. It holds only what it was given: the world is never written to. */
export async function startStandIn(vendor: Vendor, port = 0): Promise<StandIn> {
  const requests: Logged[] = [];
  const faults: Due[] = [];
  const told = new Map<string, Answer>();
  let base = '';

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const asked: Asked = {
        method: request.method ?? 'GET',
        url: new URL(request.url ?? '/', base),
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      const target = vendor.target?.(asked);
      const list = vendor.list?.(asked) ?? `${asked.method} ${asked.url.pathname} ${target ?? ''}`;
      const fault = takeDue(faults, `${asked.method} ${asked.url.pathname}${asked.url.search}${target ? ` ${target}` : ''}`);
      const answer = answerWith(fault, vendor, asked, base, told.get(list));
      told.set(list, answer);
      requests.push({
        method: asked.method,
        path: asked.url.pathname,
        query: asked.url.search,
        status: answer.status,
        at: performance.now(),
        ...(target && { target }),
        ...(asked.body !== '' && { body: asked.body }),
      });
      send(request, response, vendor, answer, fault);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: base,
    requests,
    fail: (fault) => {
      faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, passing: fault.after ?? 0 });
    },
    reset: () => {
      faults.length = 0;
      requests.length = 0;
      told.clear();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Due {
  readonly fault: Fault;
  left: number;
  passing: number;
}

/** The first fault that is due for this request; one that is not due yet has one request less to wait for. */
function takeDue(faults: readonly Due[], line: string): Fault | undefined {
  for (const due of faults.filter(({ fault, left }) => left > 0 && fault.path.test(line))) {
    if (due.passing > 0) {
      due.passing -= 1;
      continue;
    }
    due.left -= 1;
    return due.fault;
  }
  return undefined;
}

function answerWith(fault: Fault | undefined, vendor: Vendor, asked: Asked, base: string, last: Answer | undefined): Answer {
  if (typeof fault?.mode === 'number') return vendor.refuse(fault.mode, asked);
  if (fault?.mode === 'repeat_page' && last) return last;
  const answer = vendor.answer(asked, base);
  return fault?.rewrite ? fault.rewrite(answer, asked) : answer;
}

const DELAY_MS = 200;

function send(request: IncomingMessage, response: ServerResponse, vendor: Vendor, answer: Answer, fault: Fault | undefined): void {
  if (fault?.mode === 'hang') return;
  if (fault?.mode === 'reset') {
    request.socket.destroy();
    return;
  }
  const { headers, body } = wire(vendor, answer, fault);
  const delayMs = fault?.delayMs ?? DELAY_MS;
  const begin = () => response.writeHead(answer.status, headers);
  if (fault?.mode === 'drip') {
    begin();
    drip(response, Buffer.from(body), delayMs);
  } else if (fault?.mode === 'slow') setTimeout(() => begin().end(body), delayMs);
  else begin().end(body);
}

function drip(response: ServerResponse, body: Buffer, delayMs: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= body.length) response.end();
    else response.write(body.subarray(sent, sent + 1));
    sent += 1;
  }, delayMs);
  response.on('close', () => clearInterval(timer));
}

function wire(
  vendor: Vendor,
  answer: Answer,
  fault: Fault | undefined,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  const isPage = fault?.mode === 'wrong_type';
  const headers = {
    'content-type': isPage ? 'text/html' : vendor.contentType,
    date: new Date(Date.parse(vendor.now) + (fault?.clockOffsetMs ?? 0)).toUTCString(),
    ...answer.headers,
    ...fault?.headers,
  };
  if (isPage) return { headers, body: '<html><body>Bad gateway</body></html>' };
  return { headers, body: fault?.mode === 'truncate' ? text.slice(0, text.length / 2) : text };
}
