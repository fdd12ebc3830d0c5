// The same test as for a user: as root it has more to find.
import '../process/list-pids.test.js';
