// Comes before everything else: what an older Node cannot parse or load is in other files, or below this.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 3)) {
  console.error(`qw-run needs Node 20.3 or newer, this is ${process.version}`);
  process.exit(125);
}
