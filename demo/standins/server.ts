import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a stand-in saw it: the log that tests count calls from. */
export interface Logged {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly target?: string;
}

/**
 * A way to fail on demand. `path` is matched against `METHOD /path?query target`; `times` is how often, always where absent.
 * `slow` waits `delayMs` and answers well; `hang` never answers; `reset` tears the connection; `truncate` cuts the body in half;
 * `wrong_type` sends the body as HTML; a number is that HTTP status in the vendor's own error form.
 */
export interface Fault {
  readonly path: RegExp;
  readonly mode: number | 'hang' | 'reset' | 'truncate' | 'wrong_type' | 'slow';
  readonly times?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
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
}

/** Starts a stand-in on a loopback port. It holds only what it was given: the world is never written to. */
export async function startStandIn(vendor: Vendor, port = 0): Promise<StandIn> {
  const requests: Logged[] = [];
  let faults: { fault: Fault; left: number }[] = [];
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
      const line = `${asked.method} ${asked.url.pathname}${asked.url.search}${target ? ` ${target}` : ''}`;
      const due = faults.find(({ fault, left }) => left > 0 && fault.path.test(line));
      if (due) due.left -= 1;
      const mode = due?.fault.mode;
      const answer = typeof mode === 'number' ? vendor.refuse(mode, asked) : vendor.answer(asked, base);
      requests.push({
        method: asked.method,
        path: asked.url.pathname,
        query: asked.url.search,
        status: answer.status,
        ...(target && { target }),
      });
      if (mode === 'hang') return;
      if (mode === 'reset') {
        request.socket.destroy();
        return;
      }
      const send = () => write(response, vendor, answer, mode, due?.fault.headers);
      if (mode === 'slow') setTimeout(send, due?.fault.delayMs ?? 200);
      else send();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: base,
    requests,
    fail: (fault) => {
      faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    reset: () => {
      faults = [];
      requests.length = 0;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function write(response: ServerResponse, vendor: Vendor, answer: Answer, mode: Fault['mode'] | undefined, extra: Fault['headers']): void {
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  const body =
    mode === 'truncate' ? text.slice(0, text.length / 2) : mode === 'wrong_type' ? '<html><body>Bad gateway</body></html>' : text;
  response.writeHead(answer.status, {
    'content-type': mode === 'wrong_type' ? 'text/html' : vendor.contentType,
    date: new Date(vendor.now).toUTCString(),
    ...answer.headers,
    ...extra,
  });
  response.end(body);
}
