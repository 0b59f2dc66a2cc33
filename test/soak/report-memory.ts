import { writeFileSync } from 'node:fs';

/** Loaded before the product in its own process: when it ends, says into HINDCAST_SOAK_REPORT how much memory it ever held. */
const file = process.env['HINDCAST_SOAK_REPORT'];
process.on('exit', () => {
  if (file !== undefined) writeFileSync(file, JSON.stringify({ maxRssMb: process.resourceUsage().maxRSS / 1024 }));
});
