/** Tries of one job that its worker says have failed. */
export const TRIES = 5;

/**
 * Takings of one job, those counted whose worker died. One that kills its worker must not kill every other for ever; one that was only
 * beside it, or whose machine went away again and again, must not be given up for that.
 */
export const TAKINGS = 20;

/** Why a job is given up of which no worker lived to say anything. */
export const WORKERS_DIED = `its worker ended ${TAKINGS} times while it was at it`;
