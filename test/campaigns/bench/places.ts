// Where a bench measures: in the directories named on its command line, else on disk and in memory.
const given = process.argv.slice(2);
export const PLACES: readonly string[] = given.length > 0 ? given : ['/tmp', '/dev/shm'];
