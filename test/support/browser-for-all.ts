import sparticuz from '@sparticuz/chromium';

/** Unpacks the browser before any test asks for it: two that unpack it at once on a new machine would start half a file. */
export async function setup(): Promise<void> {
  await sparticuz.executablePath();
}
