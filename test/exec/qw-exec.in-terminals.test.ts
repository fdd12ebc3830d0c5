// The tables of job control and terminals of attached mode, once more for the launcher: the same tests.
process.env['TEST_MODE'] = 'exec'; // read when what follows is loaded

const TABLES = [
  '../terminals-and-pipes/interactive.test.js',
  '../terminals-and-pipes/job-control.test.js',
  '../terminals-and-pipes/self-stopping.test.js',
  '../terminals-and-pipes/terminal-state.test.js',
];
for (const table of TABLES) await import(table);

export {};
