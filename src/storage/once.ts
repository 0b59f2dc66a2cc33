/** Opened by the first who asks. What could not be opened is tried again: a server that is down now may be up then. */
export function once<T>(open: () => Promise<T>): { open(): Promise<T>; opened(): Promise<T> | undefined } {
  let opening: Promise<T> | undefined;
  return {
    open: () => {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    opened: () => opening,
  };
}
