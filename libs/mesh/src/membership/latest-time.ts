/** The latest time that anything signed may bear: the end of the year 9999, which every date format can still show. */
export const LATEST_TIME_MS = 253_402_300_799_999;
