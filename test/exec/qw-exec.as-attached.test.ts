// The exit matrix and the tables of pipes and hangups of attached mode, once more for the launcher: the same tests.
process.env['TEST_MODE'] = 'exec'; // read when what follows is loaded

const TABLES = [
  '../signals-and-exits/exit-codes.test.js',
  '../terminals-and-pipes/hangup.test.js',
  '../terminals-and-pipes/stdio.test.js',
];
for (const table of TABLES) await import(table);

export {};
